import { mkdir, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, stopProcess } from '../src/platform/child-processes';
import { freePort } from '../src/platform/ports';
import { startTemporal } from '../src/platform/temporal-server';
import type { AtEnd } from './scope';

/** A Temporal server as `npm start` runs it, unless told otherwise. */
export interface MeasuredServer {
  address: string;
  pid: number;
  /** Actions, as Temporal Cloud bills them, that the server has counted so far. */
  actions(): Promise<number>;
  /** Bytes of its state on the disk. */
  diskSpace(): Promise<number>;
}

/** Settings of the server that differ from ours. */
export interface ServerChange {
  args?: string[];
  env?: NodeJS.ProcessEnv;
}

export async function startTemporalServer(
  { program, dir, atEnd }: { program: string; dir: string; atEnd: AtEnd },
  change: ServerChange = {},
): Promise<MeasuredServer> {
  const metricsPort = await freePort();
  const args = ['--metrics-port', String(metricsPort), ...(change.args ?? [])];
  const dataDir = join(dir, `temporal-${metricsPort}`);
  const { address, pid, stop } = await startTemporal({ program, dataDir, ...change, args });
  atEnd(stop);
  return {
    address,
    pid,
    async actions() {
      const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const counts = [...metrics.matchAll(/^action\{[^}]*namespace="default"[^}]*\} (\S+)$/gm)];
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    },
    async diskSpace() {
      const files = (await readdir(dataDir)).filter((name) => name.startsWith('temporal.db'));
      const sizes = await Promise.all(files.map(async (name) => (await stat(join(dataDir, name))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
}

/** A Restate server with its own settings, its state in a file. */
export async function startRestateServer({ dir, atEnd }: { dir: string; atEnd: AtEnd }) {
  const ports = { ingress: await freePort(), admin: await freePort(), node: await freePort() };
  const dataDir = join(dir, 'restate');
  await mkdir(dataDir, { recursive: true });
  const program = createRequire(__filename).resolve(
    `@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  const env = {
    ...process.env,
    RESTATE_BASE_DIR: dataDir,
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_BIND_IP: '127.0.0.1',
    RESTATE_BIND_PORT: String(ports.node),
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${ports.node}`,
    RESTATE_INGRESS__BIND_PORT: String(ports.ingress),
    RESTATE_ADMIN__BIND_PORT: String(ports.admin),
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'error',
  };
  const logFile = join(dataDir, 'restate.log');
  const { pid } = await startChild(program, [], { logFile, env });
  atEnd(() =>
    stopProcess(pid, [
      ['SIGTERM', 10_000],
      ['SIGKILL', 5_000],
    ]),
  );
  const [ingress, admin] = [`http://127.0.0.1:${ports.ingress}`, `http://127.0.0.1:${ports.admin}`];
  for (const url of [`${admin}/health`, `${ingress}/restate/health`]) await untilHealthy(url, logFile);
  return { pid, ingress, admin };
}

async function untilHealthy(url: string, logFile: string): Promise<void> {
  for (let attempt = 1; attempt <= 300; attempt += 1) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer; its log is ${logFile}`);
}
