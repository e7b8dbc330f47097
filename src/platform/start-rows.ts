import { startCases, type OpenedRow } from './door';
import { processNamed } from './process-named';
import type { Stack } from './stack';
import { connectSystems } from './systems';

/** Start the salaries that a file asks for on a running stack. */
export function startRows({ client, systemUrl }: Stack, file: string): Promise<OpenedRow[]> {
  const systems = connectSystems(systemUrl, () => undefined);
  return startCases({ client, systems }, processNamed('salary'), file);
}
