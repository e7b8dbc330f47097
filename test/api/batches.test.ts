import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { sql, type Kysely } from 'kysely';
import pino from 'pino';
import { runBatches } from '../../src/api/batches/run';
import type { Own } from '../../src/api/batches/take';
import { changePerson } from '../../src/api/identity/people';
import type { IdentityTables } from '../../src/api/identity/tables';
import { getCase } from '../../src/kit/client';
import { whereabouts as plugin } from '../../src/kit/worker';
import { openDatabase } from '../../src/service/database';
import { applyReports } from '../../src/view/keep';
import { readCase } from '../../src/view/read';
import { program, whereabouts } from '../cli/cli';
import type { ApprovalInput } from '../kit/fixtures/people';
import { bundleFixtures, runWorker } from '../kit/fixtures/server';
import { createSystems, refuses } from '../kit/fixtures/systems';
import { until } from '../kit/fixtures/until';
import { devServer } from '../support/temporal';
import { runApi, type Answer, type RunningApi } from './api';

jest.setTimeout(120_000);

type Environment = Awaited<ReturnType<typeof devServer>>;

let environment: Environment;
let api: RunningApi;
let own: Kysely<Own>;
const systems = createSystems();
let startWorker: () => Promise<() => Promise<void>>;
let stopWorker: () => Promise<void>;
const running: (() => Promise<void>)[] = [];

beforeAll(async () => {
  environment = await devServer();
  const nothing = () => Promise.reject(new Error('nobody starts a case by the API here'));
  api = await runApi(environment.client, { open: nothing, reopen: nothing });
  own = api.db as unknown as Kysely<Own>;
  await api.enter('anna', 'manager');
  await api.enter('bert', 'manager');
  await api.enter('olga', 'operator');
  await api.enter('omar', 'operator');
  await api.enter('adam', 'administrator');
  await api.enter('audi', 'auditor');
  const report = (reports: Parameters<typeof applyReports>[1]) => applyReports(api.view.db, reports);
  const workflowBundle = await bundleFixtures();
  startWorker = () => runWorker(environment, { workflowBundle, activities: systems.activities }, [plugin({ report })]);
  stopWorker = await startWorker();
});
afterEach(stopRunning);
afterAll(async () => {
  await stopWorker();
  await environment.teardown();
  await api.stop();
});

/** Works batches off as a process of the API does. */
function work(): void {
  const log = pino({ level: 'silent' });
  const { db, close } = openDatabase(api.databases.api, log);
  const batches = runBatches({ db: db, view: api.view.db, client: environment.client, log });
  running.push(async () => {
    await batches.stop();
    await close();
  });
}

async function stopRunning(): Promise<void> {
  for (const stop of running.splice(0)) await stop();
}

const approval: ApprovalInput = { role: 'manager', candidates: ['anna', 'bert'] };

/** Starts so many cases whose ids begin alike, and waits until the view knows them to be so. */
async function given(
  count: number,
  workflow = 'approval',
  input: unknown = approval,
  group = `${workflow}-${randomUUID()}`,
) {
  const status = workflow === 'book' ? 'incident' : 'waiting';
  const caseIds = Array.from({ length: count }, (_, n) => `${group}-${n}-${randomUUID().slice(0, 4)}`);
  await Promise.all(
    caseIds.map(async (workflowId) => {
      if (workflow === 'book') systems.plan(workflowId, 'ledger.book', refuses());
      await environment.client.workflow.start(workflow, { workflowId, taskQueue: 'whereabouts', args: [input] });
      await untilKnown(workflowId, status);
    }),
  );
  return { group, caseIds };
}

const untilKnown = (caseId: string, status: string) =>
  until(
    () => readCase(api.view.db, caseId),
    (known) => known?.record.status === status,
  );

const approves = { action: 'decide', task: 'approveOrder', decision: 'approve' };
const cancels = { action: 'cancel', reason: 'the shop has closed' };

interface Batch {
  id: string;
  status: string;
  items: number;
  counts: Record<string, number>;
  page: { caseId: string; step?: string; state: string; problem?: { type: string } }[];
}

async function made(person: string, act: object, text: string): Promise<Batch> {
  const answer = await api.post(person, '/api/batches', { ...act, search: { text } });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Batch;
}

const start = (person: string, id: string) => api.post(person, `/api/batches/${id}/start`, undefined);
const stop = (person: string, id: string) => api.post(person, `/api/batches/${id}/stop`, undefined);

async function read(id: string, query = ''): Promise<Batch> {
  return (await api.get('adam', `/api/batches/${id}${query}`)).body as unknown as Batch;
}

const untilEnded = (id: string) =>
  until(
    () => read(id),
    ({ status }) => status === 'ended' || status === 'stopped',
  );

const outcomes = ({ page }: Batch) =>
  Object.fromEntries(
    page.map(({ caseId, state, problem }) => [caseId, problem ? `${state}: ${nameOf(problem.type)}` : state]),
  );
const all = (caseIds: string[], state: string) => Object.fromEntries(caseIds.map((id) => [id, state]));
const nameOf = (type: unknown) => String(type).split(':').at(-1);
const problemIn = ({ status, body: { type } }: Answer) => [status, nameOf(type)];

/** Who decided each case, as the cases say. */
async function decided(caseIds: string[]) {
  const records = await Promise.all(caseIds.map((caseId) => getCase(environment.client, caseId)));
  return records.map(({ steps }) => steps.find(({ kind }) => kind === 'task')?.by);
}

/** How often a case was sent something that it took. */
async function taken(caseId: string): Promise<number> {
  const { events } = await environment.client.workflow.getHandle(caseId).fetchHistory();
  return (events ?? []).filter(
    (event) =>
      event.workflowExecutionUpdateAcceptedEventAttributes ?? event.workflowExecutionCancelRequestedEventAttributes,
  ).length;
}

const auditOf = (caseIds: string[]) =>
  own
    .selectFrom('audit')
    .select(['about', 'person', 'action', 'decision', 'reason', 'status'])
    .where('about', 'in', caseIds)
    .execute();

describe('a dry run', () => {
  test('given cases of which one must not be decided by who asks, then it says so, and nothing is done', async () => {
    const { group, caseIds } = await given(2);
    const fourEyes = await given(1, 'approval', { role: 'manager', excluded: ['anna'] }, group);
    work();
    const batch = await made('anna', approves, group);

    expect(batch).toMatchObject({ status: 'shown', items: 3, counts: { shown: 2, 'left out': 1 } });
    expect(outcomes(batch)).toEqual({ ...all(caseIds, 'shown'), [String(fourEyes.caseIds[0])]: 'left out: excluded' });
    expect(batch.page[0]?.step).toBe('approveOrder/1');
    expect(outcomes(await made('anna', { ...approves, decision: 'perhaps' }, group))).toMatchObject(
      all(caseIds, 'left out: unknown-decision'),
    );
    expect(await decided(caseIds)).toEqual([undefined, undefined]);
  });

  test('given a request with mistakes, or without a right, then it is refused and names the field', async () => {
    const search = { text: 'nothing' };
    const post = (person: string, body: object) => api.post(person, '/api/batches', body);

    expect(problemIn(await post('audi', { ...cancels, search }))).toEqual([403, 'not-allowed']);
    expect(problemIn(await post('anna', { ...cancels, search }))).toEqual([403, 'not-allowed']);
    for (const [wrong, field] of [
      [{ ...cancels, search: {} }, 'search'],
      [{ ...cancels, search: { status: 'completed' } }, 'search.status'],
      [{ ...cancels, search: { limit: 5 } }, 'search.limit'],
      [{ ...cancels, search: { team: 'peple' } }, 'search.team'],
      [{ action: 'cancel', search }, 'reason'],
      [{ action: 'burn', search }, 'action'],
      [{ ...approves, by: 'bert', search }, 'by'],
    ] as const) {
      const answer = await post('olga', wrong);
      expect([answer.status, (answer.body['errors'] as { field: string }[])[0]?.field]).toEqual([400, field]);
    }
  });

  test('given one key twice, then it is one batch', async () => {
    const body = { ...cancels, search: { text: 'nothing' } };
    const [one, other] = await Promise.all([1, 2].map(() => api.post('olga', '/api/batches', body, 'key-1')));

    expect(one?.status).toBe(201);
    expect(other?.body).toEqual(one?.body);
  });

  test('given more cases than may be acted on at once, then it is refused', async () => {
    const { group } = await given(1);
    await sql`
      INSERT INTO cases (case_id, run_id, knowledge, process, status, started_at, changed_at)
      SELECT case_id || '~' || n, run_id, knowledge, process, status, started_at, changed_at
      FROM cases, generate_series(1, 10000) AS n WHERE case_id LIKE ${`${group}%`}`.execute(api.view.db);
    const answer = await api.post('olga', '/api/batches', { ...cancels, search: { text: group } });
    await sql`DELETE FROM cases WHERE case_id LIKE '%~%'`.execute(api.view.db);

    expect(problemIn(answer)).toEqual([422, 'too-many-items']);
    expect(answer.body['errors']).toEqual([{ field: 'search', message: expect.stringContaining('10,000') as unknown }]);
  });
});

describe('a batch that is started', () => {
  test('given it was shown, then just that is done as its maker, once, and is in the audit', async () => {
    const { group, caseIds } = await given(3);
    const batch = await made('anna', { ...approves, comment: 'all fine' }, group);
    const later = await given(1, 'approval', approval, group);
    const [changed = '', ...others] = caseIds;
    await api.post('bert', `/api/cases/${changed}/tasks/approveOrder/decision`, { decision: 'reject' });
    await untilKnown(changed, 'completed');
    work();
    const started = await start('anna', batch.id);
    const ended = await untilEnded(batch.id);
    await start('anna', batch.id);

    expect(started.status).toBe(202);
    expect(outcomes(ended)).toEqual({ ...all(others, 'done'), [changed]: 'left out: no-longer-fits' });
    expect(await decided([...caseIds, ...later.caseIds])).toEqual(['bert', 'anna', 'anna', undefined]);
    expect(await Promise.all(others.map(taken))).toEqual([1, 1]);
    expect(await auditOf(others)).toEqual(
      expect.arrayContaining(
        others.map((about) => {
          const what = { action: 'decide', decision: 'approve', reason: 'all fine' };
          return { about, person: 'anna', ...what, status: 200 };
        }),
      ),
    );
    expect((await read(batch.id, '?state=left%20out')).page.map(({ caseId }) => caseId)).toEqual([changed]);
  });

  test('given parked steps, then each is resolved with the result given', async () => {
    const { group, caseIds } = await given(2, 'book', {});
    const act = { action: 'resolve', resolution: 'replace', reason: 'by hand', result: { bookingId: 'B-7' } };
    const batch = await made('olga', act, group);
    work();
    await start('olga', batch.id);

    expect(outcomes(await untilEnded(batch.id))).toEqual(all(caseIds, 'done'));
    for (const caseId of caseIds) expect(await environment.client.workflow.getHandle(caseId).result()).toBe('B-7');
  });

  test('given two processes, then each item is taken by one of them, once', async () => {
    const { group, caseIds } = await given(24);
    const batch = await made('olga', cancels, group);
    await start('olga', batch.id);
    work();
    work();

    expect(outcomes(await untilEnded(batch.id))).toEqual(all(caseIds, 'done'));
    const items = await own.selectFrom('batch_items').select('tries').where('batch', '=', batch.id).execute();
    expect(items.map(({ tries }) => tries)).toEqual(caseIds.map(() => 1));
    expect(await auditOf(caseIds)).toHaveLength(24);
  });

  test('given its maker has lost the right meanwhile, then nothing is done', async () => {
    const { group, caseIds } = await given(2);
    const batch = await made('omar', cancels, group);
    await start('omar', batch.id);
    await changePerson(api.db as unknown as Kysely<IdentityTables>, 'omar', { roles: ['employee'] });
    work();

    expect(outcomes(await untilEnded(batch.id))).toEqual(all(caseIds, 'refused: not-allowed'));
    expect(await Promise.all(caseIds.map(taken))).toEqual([0, 0]);
    expect(await auditOf(caseIds)).toMatchObject([{ status: 403 }, { status: 403 }]);
  });

  test.each([
    ['decided', 'anna', approves],
    ['cancelled', 'olga', cancels],
  ])('given a case was %s, but that was not kept, then it is kept and not done again', async (_, person, act) => {
    const { group, caseIds } = await given(1);
    const batch = await made(person, act, group);
    work();
    await start(person, batch.id);
    await untilEnded(batch.id);
    await until(
      () => getCase(environment.client, String(caseIds[0])),
      ({ endedAt }) => endedAt !== undefined,
    );
    const lost = { state: 'at work', begun_at: new Date(0).toISOString(), ended_at: null } as const;
    await own.updateTable('batch_items').set(lost).where('batch', '=', batch.id).execute();

    expect(outcomes(await untilEnded(batch.id))).toEqual(all(caseIds, 'done'));
    expect(await taken(String(caseIds[0]))).toBe(1);
  });
});

describe('a batch that is stopped', () => {
  test('given its process is killed, then what was begun is finished by another, and the rest stays undone', async () => {
    const { group, caseIds } = await given(12, 'approval', { ...approval, bookFirst: true });
    const batch = await made('anna', approves, group);
    await stopWorker();
    const kill = await apiProcess();
    await start('anna', batch.id);
    await until(
      () => read(batch.id),
      ({ counts }) => counts['at work'] === 8,
    );
    const stopped = await stop('anna', batch.id);
    await kill();
    stopWorker = await startWorker();
    work();
    const ended = await untilEnded(batch.id);

    expect(stopped.body).toMatchObject({ status: 'stopping', counts: { 'at work': 8, stopped: 4 }, stoppedBy: 'anna' });
    expect(ended).toMatchObject({ status: 'stopped', counts: { done: 8, stopped: 4 } });
    const done = ended.page.filter(({ state }) => state === 'done').map(({ caseId }) => caseId);
    expect(await decided(done)).toEqual(done.map(() => 'anna'));
    expect((await Promise.all(caseIds.map(taken))).sort()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(await auditOf(caseIds)).toHaveLength(8);
  });

  test('given it was not started, then it is not started any more', async () => {
    const batch = await made('olga', cancels, 'nothing');
    const other = await made('olga', cancels, (await given(1)).group);
    await stop('olga', other.id);

    expect(problemIn(await start('olga', other.id))).toEqual([409, 'batch-stopped']);
    expect((await start('olga', batch.id)).body).toMatchObject({ status: 'ended', items: 0 });
  });
});

test('given somebody else, then they read and stop it as their role lets them, and start it never', async () => {
  const { id } = await made('anna', approves, (await given(1)).group);
  const path = `/api/batches/${id}`;
  const listed = async (person: string) => {
    const { batches } = (await api.get(person, '/api/batches?limit=500')).body as unknown as { batches: Batch[] };
    return batches.some((batch) => batch.id === id);
  };

  expect(problemIn(await api.get('bert', path))).toEqual([404, 'unknown-batch']);
  expect(problemIn(await stop('bert', id))).toEqual([404, 'unknown-batch']);
  expect([await listed('bert'), await listed('anna'), await listed('audi')]).toEqual([false, true, true]);
  expect((await api.get('olga', path)).status).toBe(200);
  expect(problemIn(await stop('olga', id))).toEqual([403, 'not-allowed']);
  expect(problemIn(await start('adam', id))).toEqual([403, 'not-allowed']);
  expect((await stop('adam', id)).body).toMatchObject({ status: 'stopped', stoppedBy: 'adam' });
});

describe('by the command line', () => {
  const words = ['bulk', 'decide', 'enterHours', 'submit', '--process', 'hoursEntry', '--data', '{"hours":5}'];
  const cli = () => ({ WHEREABOUTS_URL: api.url, WHEREABOUTS_TOKEN: api.as('acca').authorization.slice(7) });
  beforeAll(() => api.enter('acca', 'accountant'));

  test('given nobody is there to agree, then it is shown and says how to go on, which does just that', async () => {
    const { caseIds } = await given(2, 'hoursEntry', {});
    work();
    const shown = await whereabouts(words, cli());
    const id = /bulk run ([0-9a-f]{16})/.exec(shown.stderr)?.[1] ?? '';
    const ran = await whereabouts(['bulk', 'run', id], cli());
    const again = await whereabouts([...words, '--yes'], cli());

    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(new RegExp(`^${caseIds[0]} +enterHours/1 +submit$`, 'm'));
    expect(shown.stdout).toContain('2 to decide, 0 left out.');
    expect([ran.code, ran.stdout]).toEqual([0, '2 of 2 done.\n']);
    expect([again.code, again.stdout]).toEqual([0, 'Nothing fits: there is nothing to do.\n']);
  });

  test('given Ctrl-C, then it is stopped and tells what was done and what was not', async () => {
    const { caseIds } = await given(10, 'approval', { role: 'manager', candidates: ['acca'], bookFirst: true });
    await stopWorker();
    work();
    const typed = ['bulk', 'decide', 'approveOrder', 'approve', '--process', 'approval', '--yes', '--json'];
    const child = spawn(process.execPath, [program, ...typed], {
      env: { ...process.env, ...cli() },
    });
    running.push(async () => void child.kill('SIGKILL'));
    const told = text(child.stdout);
    const ended = once(child, 'exit');
    await until(
      () => own.selectFrom('batch_items').select('id').where('state', '=', 'at work').execute(),
      (atWork) => atWork.length === 8,
    );
    child.kill('SIGINT');
    await until(
      () => own.selectFrom('batch_items').select('id').where('state', '=', 'waiting').execute(),
      (waiting) => waiting.length === 0,
    );
    stopWorker = await startWorker();
    const [code] = (await ended) as [number];
    const batch = JSON.parse(await told) as Batch;

    expect(code).toBe(1);
    expect(batch).toMatchObject({ status: 'stopped', items: 10, counts: { done: 8, stopped: 2 } });
    expect(Object.keys(outcomes(batch)).sort()).toEqual(caseIds.sort());
  });

  test('given wrong use, then it ends with 2', async () => {
    const direct = await whereabouts([...words, '--direct'], cli());
    const noFilter = await whereabouts(['bulk', 'cancel', '--reason', 'x'], cli());

    expect([direct.code, direct.stderr]).toEqual([2, expect.stringContaining('it takes the API') as unknown]);
    expect([noFilter.code, noFilter.stderr]).toEqual([2, expect.stringContaining('not said which cases') as unknown]);
  });
});

/** A process of the API on the same databases, once it is there; gives what kills it. */
async function apiProcess(): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [program, 'api'], {
    env: {
      ...process.env,
      DATABASE_URL: api.databases.api,
      VIEW_DATABASE_URL: api.databases.view,
      TEMPORAL_ADDRESS: environment.address,
      TEMPORAL_NAMESPACE: environment.namespace ?? 'default',
      NOTIFICATIONS_URL: 'http://127.0.0.1:1',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  running.push(kill);
  for await (const line of createInterface(child.stdout)) if (line.includes('the API listens on')) return kill;
  throw new Error('the API did not start');
}
