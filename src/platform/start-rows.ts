import { processNamed, startCases, type OpenedRow } from './door';
import type { Stack } from './stack';
import { connectSystems } from './systems';

/** Start the salaries that a file asks for on a running stack; `say` hears how many rows were read. */
export function startRows(
  { client, systemUrl }: Stack,
  file: string,
  say: (line: string) => void,
): Promise<OpenedRow[]> {
  const systems = connectSystems(systemUrl, () => undefined);
  let opened = 0;
  return startCases({ client, systems }, processNamed('salary'), file, () => {
    opened += 1;
    say(`${opened} rows read`);
  });
}
