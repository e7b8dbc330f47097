import type { Client } from '@temporalio/client';
import type { Addresses } from '../../platform/addresses';
import { openCase, reopenCase, startCases } from '../../platform/door';
import { connectSystems } from '../../platform/systems';
import type { Acts } from '../cases';
import { aboutCase } from './looks';

/** What starts cases by Temporal itself. It is loaded only where one is started, for it takes a while. */
export function startsDirect(client: Client, { systemUrl }: Addresses): Pick<Acts, 'start' | 'startAll' | 'restart'> {
  const door = { client, systems: connectSystems(systemUrl, () => undefined) };
  return {
    start: (process, request) => openCase(door, process, request),
    startAll: (process, file) => startCases(door, process, file),
    restart: (caseId) => aboutCase(client, caseId, () => reopenCase(door, caseId)),
  };
}
