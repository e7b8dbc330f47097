import { system } from '../../src/kit/workflow';

/** A system whose reads are answered anew each time, and what is sent to it. */
interface Desk {
  read(input: object): Promise<{ value: number }>;
  write(input: { values: number[] }): Promise<void>;
}

const common = {
  timeout: '2 seconds',
  retry: { initialInterval: '50 milliseconds', maximumInterval: '200 milliseconds' },
} as const;
const desk = system<Desk>('desk', { ...common, reads: ['read'] });
const wrongDesk = system<Desk>('desk', { ...common, reads: ['read', 'write'] });

/** In each round reads two values at once, and then writes both. */
export async function readThenWrite({ rounds }: { rounds: number }): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await readTwoThenWrite(desk);
}

/** The same with an effect that is listed as a read. */
export async function readThenWriteLocally({ rounds }: { rounds: number }): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await readTwoThenWrite(wrongDesk);
}

async function readTwoThenWrite({ read, write }: Desk): Promise<void> {
  const [one, other] = await Promise.all([read({}), read({})]);
  await write({ values: [one.value, other.value] });
}
