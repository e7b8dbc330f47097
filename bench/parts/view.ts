import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { sql } from 'kysely';
import pino from 'pino';
import { ensureDatabases, startPostgres } from '../../src/platform/postgres';
import { openView, type View } from '../../src/view/database';
import { applyReports, confirmCases } from '../../src/view/keep';
import type { ApiAnswer } from '../api';
import { startChild, type Child } from '../children';
import { agentOf, employeeOf, knownCase, managerOf } from '../flows/known-cases';
import { memoryOf, processorTime } from '../processes';
import { percentile } from '../statistics';
import { figure, type Findings } from '../table';
import type { Given, Part } from './part';

/** The view and the API over many cases that nobody runs: how long each search takes, and what live streams cost. */
export const view: Part = async (given) => {
  const { dir, atEnd, quick, say } = given;
  const postgres = await startPostgres({ dataDir: `${dir}/view` });
  atEnd(postgres.stop);
  await ensureDatabases(postgres, ['view', 'api']);
  const [viewUrl, databaseUrl] = [postgres.url('view'), postgres.url('api')];
  const opened = await openView(viewUrl, pino({ level: 'error' }));
  atEnd(opened.close);
  const size = quick ? { of: 22_000, open: 2_000 } : { of: 220_000, open: 20_000 };
  say(`${size.of} cases, ${size.open} of them open`);
  await fill(opened, size);
  const people = {
    all: 'administrator',
    accountant: 'accountant',
    [managerOf(7)]: 'manager',
    [employeeOf(12)]: 'employee',
  };
  const api = await startChild('api.ts', { databaseUrl, viewUrl, people });
  atEnd(() => api.stop());
  const answer = await api.ask<ApiAnswer>('where');
  return [await searches(answer, size, given), await streams(api, answer, opened, size, given)];
};

interface Size {
  of: number;
  open: number;
}

async function fill({ db }: View, size: Size): Promise<void> {
  const batch = 500;
  const confirmedAt = new Date().toISOString();
  for (let first = 0; first < size.of; first += batch) {
    const records = Array.from({ length: Math.min(batch, size.of - first) }, (_, index) =>
      knownCase(first + index, size),
    );
    await confirmCases(
      db,
      records.map((record) => ({ record, runStartedAt: record.startedAt, confirmedAt, events: record.historyLength })),
    );
  }
  await db.updateTable('cases').set({ confirm_at: null }).execute();
  await sql`VACUUM ANALYZE`.execute(db);
}

/** What is asked, by whom, for the n-th time. */
const asked: [path: (n: number) => string, person?: string][] = [
  [() => '/api/cases'],
  [() => '/api/cases?status=open'],
  [() => '/api/cases?status=completed&process=insurance'],
  [() => '/api/cases?status=waiting&order=waiting'],
  [() => '/api/cases?outcome=declined'],
  [(n) => `/api/cases?key=employee:${employeeOf(n * 17)}`],
  [(n) => `/api/cases?key=${agentOf(n)}&status=open`],
  [(n) => `/api/cases?text=${employeeOf(n * 17)}`],
  [(n) => `/api/cases?text=P-${(n * 1_117) % 9_999}`],
  [() => '/api/cases?text=E-1'],
  [() => '/api/cases?text=bonus'],
  [() => '/api/cases?text=found%20nowhere'],
  [() => '/api/cases?step=shipments.pack'],
  [() => '/api/cases?system=payments'],
  [() => '/api/cases?role=operator&olderThan=1%20day'],
  [(n) => `/api/cases?person=${managerOf(n)}`],
  [(n) => `/api/cases?startedBefore=${new Date(Date.now() - n * 86_400_000).toISOString()}`],
  [(n) => `/api/cases/order:O-${n * 20 + 13}`],
  [() => '/api/tasks'],
  [() => '/api/tasks?role=accountant'],
  [() => '/api/incidents'],
  [() => '/metrics'],
  [() => '/api/cases', 'accountant'],
  [(n) => `/api/cases?text=${employeeOf(n * 17)}`, 'accountant'],
  [() => '/api/tasks', 'accountant'],
  [() => '/api/cases', managerOf(7)],
  [() => '/api/tasks', managerOf(7)],
  [() => '/api/cases?text=E-1', managerOf(7)],
  [() => '/api/cases', employeeOf(12)],
];

async function searches({ url, tokens }: ApiAnswer, { of, open }: Size, { quick, say }: Given): Promise<Findings> {
  const times = quick ? 30 : 200;
  const rows: string[][] = [];
  for (const [path, person = 'all'] of asked) {
    const took: number[] = [];
    for (let n = 0; n < times + 5; n += 1) {
      const begun = performance.now();
      const response = await fetch(url + path(n), { headers: { authorization: `Bearer ${tokens[person]}` } });
      await response.text();
      if (!response.ok) throw new Error(`${path(n)} as ${person}: ${response.status}`);
      if (n >= 5) took.push(performance.now() - begun);
    }
    rows.push([path(1), person, figure(percentile(took, 50)), figure(percentile(took, 99))]);
    say(rows.at(-1)?.join('  ') ?? '');
  }
  return {
    title: `Searches over HTTP, of ${of} cases, ${open} of them open: milliseconds`,
    head: ['', 'asked by', 'p50', 'p99 (to reach: 100)'],
    rows,
    notes: [`Each asked ${times} times, one after the other; a list gives 50 cases and the counts of all that fit.`],
  };
}

const listeners = 200;
const changesAtOnce = 25;
const everyMs = 200;

async function streams(
  api: Child,
  { url, tokens }: ApiAnswer,
  { db }: View,
  size: Size,
  { quick, say }: Given,
): Promise<Findings> {
  say(`${listeners} live streams`);
  const run = async (name: string, count: number): Promise<string[]> => {
    const late: number[] = [];
    const leave = await Promise.all(Array.from({ length: count }, (_, n) => listen(url, n, tokens, late)));
    const [begun, before] = [performance.now(), processorTime([api.pid])];
    const changes = await change(db, size, quick ? 5_000 : 20_000);
    await sleep(1_000);
    const busy = (processorTime([api.pid]) - before) / (performance.now() - begun);
    const memory = memoryOf(api.pid) / 1024 ** 2;
    for (const one of leave) one();
    await sleep(500);
    const ages = late.length === 0 ? ['–', '–'] : [figure(percentile(late, 50), 0), figure(percentile(late, 99), 0)];
    return [
      name,
      figure(changes / ((performance.now() - begun) / 1000), 0),
      figure(busy * 100, 0),
      figure(memory, 0),
      String(late.length),
      ...ages,
    ];
  };
  return {
    title: 'Live streams while cases change, on one API process',
    head: ['', 'changes/s', '% of one processor', 'memory, MB', 'told', 'from report to listener: p50, ms', 'p99, ms'],
    rows: [await run('nobody listens', 0), await run(`${listeners} listen`, listeners)],
    notes: [
      'Of four listeners one is told of all cases, one of the open salaries, one of a step, and one is a manager who is told of their own.',
    ],
  };
}

/** Reports change cases that are open, many at once, as busy workers do; gives how many. */
async function change(db: View['db'], size: Size, lastsMs: number): Promise<number> {
  const begun = performance.now();
  let changes = 0;
  for (let beat = 0; performance.now() - begun < lastsMs; beat += 1) {
    const startedAt = new Date().toISOString();
    const records = Array.from({ length: changesAtOnce }, (_, index) => knownCase(size.of - 1 - index * 7, size));
    await applyReports(
      db,
      records.map(({ steps, ...record }) => ({
        ...record,
        ...{ taskQueue: 'none', runStartedAt: record.startedAt, historyLength: Math.round(performance.now()) },
        changed: steps.map((step) => (step.status === 'done' ? step : { ...step, startedAt })),
      })),
    );
    changes += changesAtOnce;
    await sleep(Math.max(0, (beat + 1) * everyMs - (performance.now() - begun)));
  }
  return changes;
}

const wanted: [query: string, person: string][] = [
  ['', 'all'],
  ['process=salary&status=open', 'all'],
  ['step=approveBonus', 'all'],
  ['', managerOf(7)],
];

/** Listens, and notes how late it was told of the step that was open last. */
function listen(url: string, n: number, tokens: ApiAnswer['tokens'], late: number[]): Promise<() => void> {
  const [query, person] = wanted[n % wanted.length] ?? ['', 'all'];
  return new Promise((resolve, reject) => {
    const parser = createParser({
      onEvent({ event, data }) {
        if (event === 'ready') resolve(() => void request.destroy());
        if (event !== 'case') return;
        const { currentSteps } = JSON.parse(data) as { currentSteps: { startedAt: string }[] };
        late.push(...currentSteps.slice(-1).map(({ startedAt }) => Date.now() - Date.parse(startedAt)));
      },
    });
    const request = get(
      `${url}/api/stream?${query}`,
      { agent: false, headers: { authorization: `Bearer ${tokens[person]}` } },
      (response) => {
        response
          .setEncoding('utf8')
          .on('data', (text: string) => parser.feed(text))
          .on('error', () => undefined);
      },
    );
    request.on('error', reject);
  });
}
