import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pino from 'pino';
import { ensureDatabases, startPostgres } from '../../src/platform/postgres';
import { openView, type View } from '../../src/view/database';
import type { ApiAnswer } from '../api';
import { startChild } from '../children';
import { inRounds, speedsOf, startRig, type Load, type Rig, type Round } from '../rig';
import { startTemporalServer } from '../servers';
import { figure, inWords } from '../table';
import { percentile, ratiosOf, spreadOf } from '../statistics';
import type { Part } from './part';

const quiet = 'nobody is told';
const reporting = 'the view is told';
const ways = [quiet, reporting] as const;
/** Numbers of clients. */
const loads = ['4', '8', '16', '32'] as const;

/** The salary flow with reads, of which a worker tells the central view, and without. */
export const reports: Part = async (given) => {
  const { dir, variant, atEnd, rounds, quick, say } = given;
  const server = await startTemporalServer(given);
  const postgres = await startPostgres({ dataDir: `${dir}/view` });
  atEnd(postgres.stop);
  await ensureDatabases(postgres, ['view', 'api']);
  const viewUrl = postgres.url('view');
  const view = await openView(viewUrl, pino({ level: 'error' }));
  atEnd(view.close);
  const rigs: Record<string, Rig> = {};
  for (const name of ways) {
    const target = variant('kit, reads', server.address, name, name === reporting ? viewUrl : undefined);
    rigs[name] = await startRig(target, { atEnd, server });
    await rigs[name].measure({ clients: 32, warmUpMs: 0, windowMs: 3000 });
  }
  const load: Load = { clients: 32, warmUpMs: 1500, windowMs: quick ? 1500 : 6000 };
  say(`with and without reports, ${2 * rounds} rounds`);
  const measured = await inRounds([...ways], 2 * rounds, (name) => (rigs[name] as Rig).measure(load));
  const ages = await agesAtCommit(
    view,
    measured[reporting].flatMap(({ ids }) => ids),
  );
  const setting = {
    databaseUrl: postgres.url('api'),
    viewUrl,
    address: server.address,
    people: { all: 'administrator' },
  };
  const api = await startChild('api.ts', setting);
  atEnd(() => api.stop());
  const answer = await api.ask<ApiAnswer>('where');
  say('with the API, once it has asked the cases there are');
  await untilAllAreAsked(view, [...measured[quiet], ...measured[reporting]].flatMap(({ ids }) => ids).length);
  const byClients = await inRounds([...loads], quick ? 1 : 3, async (clients) => {
    const over = new AbortController();
    const polling = agesInAnswers(answer, over.signal);
    const window = { clients: Number(clients), warmUpMs: 1_000, windowMs: quick ? 3_000 : 10_000 };
    const round = await (rigs[reporting] as Rig).measure(window);
    await sleep(1_000);
    over.abort();
    const seen = await polling;
    return { ...round, ages: round.ids.flatMap((id) => seen.get(id) ?? []) };
  });
  const workerTimes = (ofName: Round[]) => ofName.map(({ processorTime }) => processorTime.worker);
  const columns = (name: (typeof ways)[number]) => {
    const ofName = measured[name];
    const ratio = ratiosOf(speedsOf(ofName), speedsOf(measured[quiet]));
    return [
      name,
      inWords(spreadOf(speedsOf(ofName))),
      inWords(spreadOf(workerTimes(ofName))),
      name === quiet ? '' : inWords(spreadOf(ratio), 2),
      name === quiet ? '' : '0.95',
    ];
  };
  return [
    {
      title: 'Workers that report to the central view, at 32 clients',
      head: ['', 'processes/s', 'worker ms a process', 'to nobody told, round by round', 'to reach'],
      rows: ways.map(columns),
      notes: [
        `From the last step's end to the view's commit: p50 ${figure(percentile(ages, 50), 0)} ms, p99 ${figure(percentile(ages, 99), 0)} ms, of ${ages.length} cases.`,
      ],
    },
    {
      title:
        'How old an answer of the API is: milliseconds from the end of the last step to the first answer that tells it',
      head: ['clients', 'processes/s', 'p50', 'p99', 'cases', 'to reach'],
      rows: loads.map((clients) => {
        const rounds = byClients[clients];
        const all = rounds.flatMap(({ ages: some }) => some);
        const cases = rounds.reduce((sum, { ids }) => sum + ids.length, 0);
        return [
          clients,
          inWords(spreadOf(speedsOf(rounds))),
          figure(percentile(all, 50), 0),
          figure(percentile(all, 99), 0),
          `${all.length} of ${cases}`,
          'p99 500 at the highest rate',
        ];
      }),
      notes: [
        'The API is asked for the newest cases that have completed, 50 ms after each answer, and makes sure of each case that has ended; it, Postgres, Temporal, the worker and the clients share the processors. More clients than keep these busy only wait for each other.',
      ],
    },
  ];
};

/** Until the view knows so many cases, and none is to be asked now. */
async function untilAllAreAsked({ db }: View, cases: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ known: number; due: number }>`
      SELECT count(*)::int AS known, count(*) FILTER (WHERE confirm_at < now() + interval '10 s')::int AS due
      FROM cases`.execute(db);
    if (rows[0] && rows[0].known >= cases && rows[0].due === 0) return;
    await sleep(500);
  }
}

/** By the id of each case the milliseconds from its end to the first answer of the API that tells of it. */
async function agesInAnswers({ url, tokens }: ApiAnswer, over: AbortSignal): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  while (!over.aborted) {
    const response = await fetch(`${url}/api/cases?status=completed&limit=20`, {
      headers: { authorization: `Bearer ${tokens['all']}` },
    });
    const { cases } = (await response.json()) as { cases: { caseId: string; endedAt: string }[] };
    for (const { caseId, endedAt } of cases) {
      if (!known.has(caseId)) known.set(caseId, Date.now() - Date.parse(endedAt));
    }
    await sleep(50);
  }
  return known;
}

/** Milliseconds from the end of each case to when the view kept it. */
async function agesAtCommit({ db }: View, ids: string[]): Promise<number[]> {
  const { rows } = await sql<{ age: number }>`
    SELECT (extract(epoch FROM changed_at - ended_at) * 1000)::float8 AS age
    FROM cases WHERE case_id = any(${ids}::text[]) AND ended_at IS NOT NULL`.execute(db);
  if (rows.length < ids.length) throw new Error(`the view knows the end of ${rows.length} of ${ids.length} cases`);
  return rows.map(({ age }) => age);
}
