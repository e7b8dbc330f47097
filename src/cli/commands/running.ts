import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import pino from 'pino';
import { findAddresses, givenTemporal } from '../../platform/addresses';
import { firstInWords, runApi } from '../../platform/api';
import { defaultDataDir } from '../../platform/running';
import { exampleChange } from '../../platform/example';
import { rebuild } from '../../platform/rebuild';
import { findChanges } from '../../platform/setup';
import { untilAsked } from '../../platform/signals';
import { runSystem, systemNamed } from '../../platform/systems';
import { tour as playTour } from '../../platform/tour';
import { up as runUp, type UpReport } from '../../platform/up';
import { UserError } from '../../platform/user-error';
import { givenVersion, startWorker } from '../../platform/worker';
import { asListed } from '../direct/looks';
import { print } from '../print';
import type { CommonOptions, ExitCode } from '../program';
import { isRight, renderTour } from '../render/tour';
import { renderUp, type UpAnswer } from '../render/up';
import { placeOf } from '../session';
import { typed, WrongUse } from '../wrong-use';

type UpOptions = CommonOptions & { example?: true; cases?: string; fresh?: true; portBase?: string };

export async function up(options: UpOptions): Promise<void> {
  const { json, portBase, ...rest } = options;
  const asked = untilAsked();
  void asked.then(() => {
    process.stderr.write(`Stopping; state is kept in ${resolve(options.dataDir ?? defaultDataDir)}.\n`);
  });
  await runUp(
    { ...rest, ...(portBase !== undefined && { portBase: portOf(portBase) }) },
    {
      progress: json ? 'none' : 'lines',
      onReady: (report) => {
        const answer = answerOf(report);
        print(options, { ...answer, cases: answer.cases.map(asListed) }, (_, style) => renderUp(answer, style));
      },
    },
    { asked },
  );
}

export async function tour(options: CommonOptions): Promise<ExitCode> {
  if (process.env['TEMPORAL_ADDRESS']) {
    process.stderr.write(
      'TEMPORAL_ADDRESS is not used: the tour has a server of its own, and leaves nothing behind.\n',
    );
  }
  const checks = await playTour({ progress: options.json ? 'none' : 'lines' });
  if (checks === undefined) return 1;
  print(options, { checks }, (answer, style) => renderTour(answer.checks, style));
  return checks.every(isRight) ? 0 : 1;
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_000) return port;
  throw new WrongUse(
    `--port-base ${text} is not a port from 1024 to 65000.`,
    'Give e.g. --port-base 7200, or leave it out.',
  );
}

function answerOf({ running, first, rows, cases }: UpReport): UpAnswer {
  const { api, temporalAddress, temporalUi, systems } = running;
  return {
    rows,
    cases,
    ...(first && { first: firstInWords(first, api.url) }),
    addresses: {
      api: api.url,
      temporal: temporalAddress,
      ...(temporalUi !== undefined && { temporalUi }),
      systems: Object.fromEntries(Object.entries(systems).map(([name, { url }]) => [name, url])),
    },
  };
}

export async function setup(options: CommonOptions & { example?: true; yes?: true }): Promise<void> {
  const temporal = await givenTemporal();
  if (!temporal) {
    throw new UserError(
      'It is not said which Temporal server to prepare.',
      'Set TEMPORAL_ADDRESS=host:port. What npm start runs needs no setup.',
    );
  }
  const changes = await findChanges(temporal, process.env['WHEREABOUTS_POSTGRES_URL']);
  if (options.example) changes.push(await exampleChange((await findAddresses(placeOf(options))).systemUrl));
  const descriptions = changes.map(({ description }) => description);
  if (changes.length > 0) process.stderr.write(`${['This will be changed:', ...descriptions].join('\n  ')}\n`);
  const agreed = changes.length === 0 || options.yes === true || (await agree());
  for (const change of agreed ? changes : []) await change.apply();
  print(options, { changes: descriptions, applied: agreed }, () =>
    changes.length === 0
      ? `Nothing to change: Temporal at ${temporal.connection.address}, namespace ${temporal.namespace}.`
      : agreed
        ? 'Changed.'
        : 'Nothing was changed.',
  );
}

async function agree(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new WrongUse('Nobody is there to agree.', 'Add --yes to have it changed.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Go on? (y/N) ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

export async function worker(options: CommonOptions): Promise<void> {
  const { temporal, systemUrl } = await findAddresses(placeOf(options));
  const log = pino({ level: process.env['LOG_LEVEL'] ?? 'info' });
  const asked = untilAsked();
  const abort = new AbortController();
  void asked.then(() => {
    abort.abort();
  });
  const version = givenVersion();
  const viewUrl = process.env['VIEW_DATABASE_URL'];
  const running = await startWorker({ temporal, systemUrl, log, viewUrl, version }, abort.signal).catch(
    (error: unknown) => {
      if (abort.signal.aborted) return undefined;
      throw error;
    },
  );
  if (!running) return;
  const build = version === undefined ? '' : ` as build ${version.buildId} of ${version.deploymentName}`;
  log.info(`worker polls ${temporal.connection.address}${build}`);
  await Promise.race([asked, running.ended]);
  await running.stop();
}

export async function api(options: CommonOptions): Promise<void> {
  await runApi(await findAddresses(placeOf(options)), process.env);
}

/** The command `view rebuild`. */
export async function view(action: string, options: CommonOptions): Promise<void> {
  if (action !== 'rebuild') throw new WrongUse(`There is no action ${action} on the view.`, 'Give rebuild.');
  const rebuilt = await rebuild(placeOf(options));
  print(options, rebuilt, ({ cases }) => `Built anew: ${cases} ${cases === 1 ? 'case' : 'cases'}.`);
}

export function system(name: string): Promise<void> {
  return runSystem(typed(() => systemNamed(name)).name, process.env);
}
