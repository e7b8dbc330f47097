import { randomInt } from 'node:crypto';
import { freePort } from '../../src/platform/ports';

const given = new Set<number>();

/**
 * A free port for each name, below those that systems give to whoever asks for any: it stays free while its program is
 * down, and Temporal keeps its own in Postgres as smallint. None is given twice, though its program may not have started.
 */
export async function lastingPorts(names: readonly string[]): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const name of names) {
    const some = Array.from({ length: 20 }, () => randomInt(15_000, 32_000));
    const port = await freePort(...some.filter((one) => !given.has(one)));
    given.add(port);
    ports[name] = port;
  }
  return ports;
}
