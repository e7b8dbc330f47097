import { testDatabase } from '../../support/postgres';
import { execute, passMinutes, setClockOff, settled, startNotifications, until } from './running';

const recipient = '+4915550100001';
const cause = 'salary: bonus.calculateBonus failed (ServiceUnavailable)';
const windowInMinutes = 15;
const alertOn = (subject: string) => ({
  cause,
  subject,
  recipient,
  windowInMinutes,
  text: `${subject}: npx whereabouts incidents`,
});
const clearanceOf = (subject: string) => ({ cause, subject, recipient });

let database: Awaited<ReturnType<typeof testDatabase>>;
let system: Awaited<ReturnType<typeof startNotifications>>;
beforeEach(async () => {
  database = await testDatabase();
  system = await startNotifications(database.url);
});
afterEach(async () => {
  jest.useRealTimers();
  await system.stop();
  await database.drop();
});

const texts = async () => (await settled(system)).map((message) => message.text);
const raise = (subject: string, key?: string) => system.calling(key).raiseAlert(alertOn(subject));
const clear = (subject: string, key?: string) => system.calling(key).clearAlert(clearanceOf(subject));
const clearWhatever = (subject: string, key?: string) => system.calling(key).clearAlert({ subject, recipient });

test('given nothing was wrong, when a case goes wrong, then the recipient is told at once what to do', async () => {
  expect(await raise('salary-E-1006-2026-11')).toEqual({ status: 'sent' });

  expect(await settled(system)).toMatchObject([
    {
      recipient,
      text: `Whereabouts: ${cause}, 1 case. salary-E-1006-2026-11: npx whereabouts incidents`,
      status: 'sent',
    },
  ]);
});

test('given many cases go wrong at once, then one SMS goes out and one more sums up the rest when the window ends', async () => {
  const subjects = Array.from({ length: 12 }, (_, i) => `salary-E-${1001 + i}-2026-11`);
  const answers = await Promise.all(subjects.map((subject) => raise(subject)));

  expect(answers.filter(({ status }) => status === 'sent')).toHaveLength(1);
  expect(await texts()).toEqual([expect.stringContaining(', 1 case. ')]);

  await passMinutes(database.url, windowInMinutes);

  const [, second] = await until(texts, (found) => found.length === 2);
  expect(second).toMatch(/, 12 cases \(11 new\): salary-E-10\d\d-2026-11, /);
});

test('given a window lasts, when the system is restarted, then the sum is still sent when the window ends', async () => {
  await raise('salary-E-1001-2026-11');
  await raise('salary-E-1002-2026-11');
  await system.stop();
  await passMinutes(database.url, windowInMinutes);
  system = await startNotifications(database.url);

  const [, second] = await until(texts, (found) => found.length === 2);
  expect(second).toBe(`Whereabouts: ${cause}, 2 cases (1 new): salary-E-1002-2026-11, salary-E-1001-2026-11`);
});

test.each([-1, 1])(
  "given the process's clock is off by %i hours, when the window ends, then the sum is sent",
  async (hours) => {
    setClockOff(hours);
    await raise('salary-E-1001-2026-11');
    expect(await raise('salary-E-1002-2026-11')).toEqual({ status: 'counted' });
    await passMinutes(database.url, windowInMinutes);

    await until(texts, (found) => found.length === 2);
  },
);

test('given nothing new came, when the window ends, then nothing is sent', async () => {
  await raise('salary-E-1001-2026-11');
  await passMinutes(database.url, windowInMinutes);

  await until(
    () => execute(database.url, `SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'endWindow'`),
    (waiting) => waiting.length === 0,
  );
  expect(await texts()).toHaveLength(1);
});

test('given the job of a window was lost, when a minute has passed, then the sum is sent nevertheless', async () => {
  await raise('salary-E-1001-2026-11');
  await raise('salary-E-1002-2026-11');
  await execute(database.url, `SELECT graphile_worker.remove_job(key) FROM graphile_worker.jobs WHERE key IS NOT NULL`);
  await passMinutes(database.url, windowInMinutes + 2);
  await execute(database.url, `SELECT graphile_worker.add_job('requestOverdue')`);

  await until(texts, (found) => found.length === 2);
});

test('given the same call comes twice, then the case counts once', async () => {
  const answers = [await raise('salary-E-1001-2026-11', 'raise/1'), await raise('salary-E-1001-2026-11', 'raise/1')];

  expect(answers).toEqual([{ status: 'sent' }, { status: 'sent' }]);
  expect(await texts()).toHaveLength(1);
});

test('given a case was told, when it goes wrong again in the window, then it counts once', async () => {
  await raise('salary-E-1001-2026-11');

  expect(await raise('salary-E-1001-2026-11')).toEqual({ status: 'counted' });
  expect(await clear('salary-E-1001-2026-11')).toEqual({ status: 'all-clear' });
});

test('given a case was told, when it goes wrong again after the window, then it is news and named first', async () => {
  await raise('salary-E-1001-2026-11');
  await passMinutes(database.url, windowInMinutes);
  await raise('salary-E-1002-2026-11');
  await passMinutes(database.url, windowInMinutes);

  expect(await raise('salary-E-1002-2026-11')).toEqual({ status: 'sent' });
  expect(await raise('salary-E-1001-2026-11')).toEqual({ status: 'counted' });
  expect((await texts()).slice(1)).toEqual([
    `Whereabouts: ${cause}, 2 cases (1 new): salary-E-1002-2026-11, salary-E-1001-2026-11`,
    `Whereabouts: ${cause}, 2 cases (1 new): salary-E-1002-2026-11, salary-E-1001-2026-11`,
  ]);
});

test('given a subject that stands for several cases, then they are counted, also those that come to it in the window', async () => {
  const queue = {
    cause: 'no worker on task queue orders',
    recipient,
    windowInMinutes,
    subject: 'orders',
    text: 'Start one.',
  };
  await system.calling().raiseAlert({ ...queue, cases: 7 });
  await system.calling().clearAlert({ cause: queue.cause, recipient, subject: queue.subject });
  await system.calling().raiseAlert({ ...queue, cases: 20 });
  await system.calling().raiseAlert({ ...queue, cases: 30 });
  expect(await texts()).toEqual([
    'Whereabouts: no worker on task queue orders, 7 cases. Start one.',
    'Whereabouts: all clear: no worker on task queue orders',
  ]);

  await passMinutes(database.url, windowInMinutes);

  const [, , third] = await until(texts, (found) => found.length === 3);
  expect(third).toBe('Whereabouts: no worker on task queue orders, 30 cases. Start one.');
});

test('given two cases are wrong, when both are well again, then one all-clear goes to whom the alert went', async () => {
  await raise('salary-E-1001-2026-11');
  await raise('salary-E-1002-2026-11');

  expect(await clear('salary-E-1001-2026-11', 'clear/1')).toEqual({ status: 'others-remain' });
  expect(await clear('salary-E-1002-2026-11', 'clear/2')).toEqual({ status: 'all-clear' });
  expect(await clear('salary-E-1002-2026-11', 'clear/2')).toEqual({ status: 'all-clear' });
  expect(await texts()).toEqual([expect.stringContaining('1 case'), `Whereabouts: all clear: ${cause}`]);
});

test('given the last two of many causes are cleared at once, then each cause has one all-clear', async () => {
  const causes = Array.from({ length: 10 }, (_, i) => `cause ${i}`);
  const subjects = ['salary-E-1001-2026-11', 'salary-E-1002-2026-11'];
  const both = causes.flatMap((of) => subjects.map((subject) => ({ cause: of, subject, recipient })));
  for (const alert of both) await system.calling().raiseAlert({ ...alert, text: 'look', windowInMinutes });

  const answers = await Promise.all(both.map((clearance) => system.calling().clearAlert(clearance)));

  expect(answers.filter(({ status }) => status === 'all-clear')).toHaveLength(10);
  expect((await texts()).slice(10).sort()).toEqual(causes.map((of) => `Whereabouts: all clear: ${of}`));
});

test('given the all-clear was sent, when the case goes wrong again in the same window, then the recipient is told when it ends', async () => {
  await raise('salary-E-1001-2026-11');
  await clear('salary-E-1001-2026-11');

  expect(await raise('salary-E-1001-2026-11')).toEqual({ status: 'counted' });
  expect(await texts()).toEqual([expect.stringContaining('1 case'), expect.stringContaining('all clear')]);
  await passMinutes(database.url, windowInMinutes);
  const told = await until(texts, (found) => found.length === 3);
  expect(told[2]).toContain('1 case');
});

test('given a case is wrong for several causes, when it is cleared without one, then each cause has its all-clear', async () => {
  const alert = alertOn('salary-E-1001-2026-11');
  for (const each of ['cause 1', 'cause 2']) await system.calling().raiseAlert({ ...alert, cause: each });
  await system.calling().raiseAlert({ ...alert, cause: 'cause 2', recipient: '+4915550100002' });

  const answers = [
    await clearWhatever('salary-E-1001-2026-11', 'clear/1'),
    await clearWhatever('salary-E-1001-2026-11', 'clear/1'),
  ];

  expect(answers).toEqual([{ status: 'all-clear' }, { status: 'all-clear' }]);
  expect((await texts()).slice(3)).toEqual(['Whereabouts: all clear: cause 1', 'Whereabouts: all clear: cause 2']);
});

test('given another case is wrong for one of its causes, when a case is cleared without one, then that cause stays', async () => {
  const alert = alertOn('salary-E-1001-2026-11');
  for (const each of ['cause 1', 'cause 2']) await system.calling().raiseAlert({ ...alert, cause: each });
  await system.calling().raiseAlert({ ...alertOn('salary-E-1002-2026-11'), cause: 'cause 1' });

  expect(await clearWhatever('salary-E-1001-2026-11')).toEqual({ status: 'others-remain' });
  expect((await texts()).slice(2)).toEqual(['Whereabouts: all clear: cause 2']);
});

test('given a case was cleared without a cause, when it goes wrong again for the same cause, then it counts again', async () => {
  await raise('salary-E-1001-2026-11');
  await clearWhatever('salary-E-1001-2026-11');

  expect(await raise('salary-E-1001-2026-11')).toEqual({ status: 'counted' });
  await passMinutes(database.url, windowInMinutes);
  await until(texts, (found) => found.length === 3);
});

test('given many cases of the same causes, when all are cleared without one and raised at once, then none is in the way of another', async () => {
  const causes = ['cause 1', 'cause 2', 'cause 3'];
  const subjects = Array.from({ length: 6 }, (_, i) => `salary-E-${1001 + i}-2026-11`);
  const raiseAll = (causesOf: string[], subject: string) =>
    Promise.all(causesOf.map((each) => system.calling().raiseAlert({ ...alertOn(subject), cause: each })));
  await Promise.all(subjects.map((subject) => raiseAll(causes, subject)));

  await Promise.all(
    subjects.flatMap((subject) => [clearWhatever(subject), raiseAll([...causes].reverse(), `${subject}~1`)]),
  );

  const open = await execute(database.url, 'SELECT subject FROM alert_subjects ORDER BY alert_id, subject');
  expect(open).toEqual(causes.flatMap(() => subjects.map((subject) => ({ subject: `${subject}~1` }))));
});

test('given nothing is known of it, when a case is cleared, then nothing is sent', async () => {
  expect(await clear('salary-E-1001-2026-11')).toEqual({ status: 'all-clear' });
  expect(await clearWhatever('salary-E-1001-2026-11')).toEqual({ status: 'all-clear' });
  expect(await texts()).toEqual([]);
});

test('given two recipients and two causes, then each recipient is told of each cause', async () => {
  const alert = alertOn('salary-E-1001-2026-11');
  await system.calling().raiseAlert(alert);
  await system.calling().raiseAlert({ ...alert, recipient: '+4915550100002' });
  await system.calling().raiseAlert({ ...alert, cause: 'salary: payroll.bookSalary failed (Unreachable)' });

  expect(await texts()).toHaveLength(3);
});
