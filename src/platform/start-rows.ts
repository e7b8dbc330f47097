import { startCases } from './door';
import type { OpenedRow } from './open-rows';
import { processNamed } from './process-named';
import type { Stack } from './stack';
import { connectSystems } from './systems';

/** Start the salaries that a file asks for, where Temporal and the systems run. */
export function startRows(
  { client, systemUrl }: Pick<Stack, 'client' | 'systemUrl'>,
  file: string,
): Promise<OpenedRow[]> {
  const systems = connectSystems(systemUrl, () => undefined);
  return startCases({ client, systems }, processNamed('salary'), file);
}
