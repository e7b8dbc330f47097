import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { lastLines, startChild, stopProcess, type Child } from '../../src/platform/child-processes';
import { startPostgres } from '../../src/platform/postgres';
import { systemNames } from '../../src/platform/systems';
import { findTemporalProgram } from '../../src/platform/temporal-binaries';
import { startKeeper } from '../support/keeper';
import { lastingPorts } from '../support/lasting-ports';
import { listeners, serviceHere, whereabouts, type Places, type ServiceHere } from './services';
import { buildTemporalProgram } from './temporal-programs';

const execute = promisify(execFile);

/** The services of docker-compose.yml, each a process of its own on this machine. */
export interface Cluster {
  /** host:port */
  temporalAddress: string;
  systemUrl(name: string): string;
  /** Connection URL of each system's database. */
  postgres: Record<string, string>;
  /** Starts a service as `docker compose up` does: after those it depends on, which are started once. */
  start(name: string): Promise<void>;
  /** Starts one more process of a service, whether one runs or not. */
  startAnother(name: string): Promise<void>;
  /** Runs `whereabouts` in a service's environment, as `docker compose exec` does; throws with what it said when it fails. */
  exec(name: string, args: string[]): Promise<void>;
  /** SIGKILL to the process of a service that was started first; resolves when it has gone. */
  kill(name: string): Promise<void>;
  /** Rejects with its last words when a process ends though nobody killed it; never resolves. */
  failed: Promise<never>;
  /** Ends everything and removes every file. */
  stop(): Promise<void>;
}

/** Builds Temporal's server when it is not there, and starts Postgres. `say` hears how long each part took, here and later. */
export async function startCluster(say: (line: string) => void): Promise<Cluster> {
  const keeper = startKeeper();
  const folder = await mkdtemp(join(tmpdir(), 'whereabouts-cluster-'));
  keeper.remove(folder);
  const running: { name: string; child: Child }[] = [];
  let fail: (error: Error) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const started = new Map<string, Promise<void>>();
  let places: Places;
  let processes = 0;

  function follow(name: string, child: Child, logFile: string): void {
    const one = { name, child };
    running.push(one);
    keeper.keep(child.pid);
    void child.ended.then(async () => {
      keeper.forget(child.pid);
      if (forget(one)) fail(new Error(`${name} ended by itself:\n${await lastLines(logFile, 30)}`));
    });
  }

  function forget(one: (typeof running)[number]): boolean {
    const index = running.indexOf(one);
    if (index >= 0) running.splice(index, 1);
    return index >= 0;
  }

  async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
    const begun = Date.now();
    const result = await work();
    say(`${what}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    return result;
  }

  async function run(name: string): Promise<void> {
    const { command, environment: env } = serviceHere(name, places);
    const [program = '', ...args] = command;
    const logFile = join(folder, `${name}-${(processes += 1)}.log`);
    follow(name, await startChild(program, args, { logFile, env }), logFile);
  }

  async function runToEnd([program = '', ...args]: string[], env: Record<string, string>): Promise<void> {
    const ending = execute(program, args, { env });
    const pid = ending.child.pid as number;
    keeper.keep(pid);
    await ending.finally(() => {
      keeper.forget(pid);
    });
  }

  async function startAfterOthers(name: string): Promise<void> {
    const service = serviceHere(name, places);
    await Promise.all(service.dependsOn.map(cluster.start));
    await timed(name, async () => {
      if (service.runsToEnd) return runToEnd(service.command, service.environment);
      await run(name);
      while (!(await isHealthy(service))) await sleep(100);
    });
  }

  async function isHealthy({ healthCheck, environment }: ServiceHere): Promise<boolean> {
    if (!healthCheck) return true;
    return runToEnd(healthCheck, environment).then(
      () => true,
      () => false,
    );
  }

  const cluster: Cluster = {
    get temporalAddress() {
      return `127.0.0.1:${places.ports['temporal']}`;
    },
    systemUrl: (name) => `http://127.0.0.1:${places.ports[name]}`,
    get postgres() {
      return Object.fromEntries(
        systemNames.map((name) => [name, serviceHere(name, places).environment['DATABASE_URL'] ?? '']),
      );
    },
    start(name) {
      const starting = started.get(name) ?? startAfterOthers(name);
      started.set(name, starting);
      return Promise.race([starting, failed]);
    },
    startAnother: run,
    exec: (name, args) => runToEnd(whereabouts(args), serviceHere(name, places).environment),
    async kill(name) {
      const one = running.find((each) => each.name === name);
      if (!one) throw new Error(`${name} does not run`);
      forget(one);
      process.kill(one.child.pid, 'SIGKILL');
      await one.child.ended;
    },
    failed,
    async stop() {
      const all = running.splice(0);
      await Promise.all(all.map(({ child }) => stopProcess(child.pid, [['SIGKILL', 10_000]])));
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      keeper.dismiss();
    },
  };

  try {
    await chmod(folder, 0o755);
    const programs = join(folder, 'programs');
    await mkdir(programs);
    const ports = await lastingPorts(listeners);
    const dataDir = join(folder, 'postgres');
    const server = await timed('postgres', () => startPostgres({ dataDir, port: ports['postgres'] as number }));
    follow('postgres', server, join(dataDir, 'postgres.log'));
    started.set('postgres', Promise.resolve());
    places = {
      ports,
      programs,
      variables: { POSTGRES_PASSWORD: new URL(server.adminUrl).password, FAULTS: 'on' },
    };
    for (const { here, inside } of serviceHere('postgres', places).mounts) {
      if (inside.startsWith('/docker-entrypoint-initdb.d/')) await runSql(server.adminUrl, here);
    }
    const version = serviceHere('temporal', places).image.split(':')[1] ?? '';
    for (const name of ['temporal-server', 'temporal-sql-tool'] as const) {
      const path = await timed(`${name} ${version}`, () => buildTemporalProgram(name, version, keeper));
      await symlink(path, join(programs, name));
    }
    await symlink(await findTemporalProgram('temporal', { say }), join(programs, 'temporal'));
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function runSql(url: string, file: string): Promise<void> {
  const statements = (await readFile(file, 'utf8')).split(';').filter((statement) => statement.trim() !== '');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
