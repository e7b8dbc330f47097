import { getCase } from 'whereabouts/client';
import type { whereabouts } from 'whereabouts/worker';
import { system } from 'whereabouts/workflow';

/** Types of every door of the package, as a project has them that goes on to use them. */
interface Scales {
  weigh(input: { parcel: string }): Promise<number>;
}

export const weigh: (input: { parcel: string }) => Promise<number> = system<Scales>('scales').weigh;
export const statusOf = (...asked: Parameters<typeof getCase>) => getCase(...asked).then(({ status }) => status);
export type Options = Parameters<typeof whereabouts>[0];
