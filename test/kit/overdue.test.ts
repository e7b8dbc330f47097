import { cancelCase, decide, getCase, type Decision } from '../../src/kit/client';
import type { Alert } from '../../src/kit/workflow';
import { approves, refusalOf, startWaiting } from './fixtures/acting';
import { ended, runKit, type RunningKit } from './fixtures/server';
import { until } from './fixtures/until';
import { refuses } from './fixtures/systems';
import type { ApprovalInput } from './fixtures/people';

let kit: RunningKit;
beforeAll(async () => (kit = await runKit('time-skipping')));
afterAll(() => kit.tearDown());

const record = (caseId: string) => getCase(kit.client, caseId);
const openTask = async (caseId: string) => (await record(caseId)).waitingFor[0];
const decides = (caseId: string, sent: Decision) => decide(kit.client, caseId, sent);
const later = (howLong: Parameters<RunningKit['environment']['sleep']>[0]) => kit.environment.sleep(howLong);

const manager: ApprovalInput = { role: 'manager', candidates: ['anna', 'bert'] };

describe('a task that nobody decides in time', () => {
  const told = (caseId: string, operation: string) =>
    until(
      () => kit.systems.callsOf(caseId, operation).map(({ input }) => input),
      ({ length }) => length > 0,
    );
  const overdue = 'approval: approveOrder overdue';

  test('given a reminder, then whoever is asked is reminded once, and may still decide', async () => {
    await startWaiting(kit, 'reminded', { ...manager, dueIn: '2 days', remindAfter: '1 day' });
    await later('1 day');

    expect(await told('reminded', 'bell.remind')).toEqual([{ of: 'approveOrder', whom: ['anna', 'bert'] }]);
    await decides('reminded', approves('anna'));
    await ended(kit.client, 'reminded');
    expect(kit.systems.callsOf('reminded', 'bell.ring')).toEqual([]);
  });

  test('given the reminder cannot be sent, then the task goes on', async () => {
    kit.systems.plan('reminder-fails', 'bell.remind', refuses());
    await startWaiting(kit, 'reminder-fails', { ...manager, remindAfter: '1 day' });
    await later('1 day');
    await told('reminder-fails', 'bell.remind');
    await decides('reminder-fails', approves('anna'));

    const { status, steps } = await ended(kit.client, 'reminder-fails');
    expect(status).toBe('completed');
    expect(steps.find(({ name }) => name === 'bell.remind')).toMatchObject({ kind: 'alert', status: 'failed' });
  });

  test('given it is decided before the reminder, then nobody is reminded', async () => {
    await startWaiting(kit, 'not-reminded', { ...manager, dueIn: '2 days', remindAfter: '1 day' });
    await decides('not-reminded', approves('anna'));
    await ended(kit.client, 'not-reminded');
    await later('3 days');

    expect(kit.systems.callsOf('not-reminded')).toEqual([]);
  });

  test('given somebody to escalate to, then that role decides from then on, but nobody who is excluded', async () => {
    await startWaiting(kit, 'escalated', {
      ...manager,
      excluded: ['otto'],
      dueIn: '2 days',
      escalateTo: { role: 'director', candidates: ['otto', 'dora'] },
    });
    await later('2 days');
    const { waitingFor, steps } = await until(
      () => record('escalated'),
      (known) => known.waitingFor[0]?.escalated === true,
    );

    expect(waitingFor[0]).toMatchObject({ role: 'director', candidates: ['dora'], escalated: true });
    expect(steps[0]).toMatchObject({ status: 'open', role: 'director', candidates: ['dora'] });
    expect(Date.parse(waitingFor[0]?.dueAt ?? '') - Date.parse(waitingFor[0]?.since ?? '')).toBeGreaterThanOrEqual(
      4 * 86_400_000,
    );
    expect(await told('escalated', 'bell.remind')).toEqual([{ of: 'approveOrder', whom: ['dora'] }]);
    expect(await refusalOf(decides('escalated', approves('anna')))).toMatchObject({ code: 'not-a-candidate' });
    expect(await refusalOf(decides('escalated', approves('otto')))).toMatchObject({ code: 'excluded' });
    await expect(decides('escalated', approves('dora'))).resolves.toMatchObject({ by: 'dora' });
    await ended(kit.client, 'escalated');
    expect(kit.systems.callsOf('escalated', 'bell.ring')).toEqual([]);
  });

  test('given nobody is left of those asked, then it is escalated at once', async () => {
    const { waitingFor, steps } = await startWaiting(kit, 'nobody-left', {
      ...manager,
      excluded: ['anna', 'bert'],
      dueIn: '2 days',
      escalateTo: { role: 'director', candidates: ['dora'] },
    });

    expect(waitingFor).toMatchObject([{ role: 'director', candidates: ['dora'], escalated: true }]);
    expect(steps[0]).toMatchObject({ role: 'director', candidates: ['dora'] });
    expect(await refusalOf(decides('nobody-left', approves('anna')))).toMatchObject({ code: 'excluded' });
    expect(await told('nobody-left', 'bell.remind')).toEqual([{ of: 'approveOrder', whom: ['dora'] }]);
    await later('2 days');
    expect(await told('nobody-left', 'bell.ring')).toMatchObject([{ text: 'Approve order waits for director dora' }]);
    await decides('nobody-left', approves('dora'));
    await ended(kit.client, 'nobody-left');
  });

  test('given nobody is left at all, then the administrator is told at once', async () => {
    const { waitingFor } = await startWaiting(kit, 'nobody-at-all', {
      ...manager,
      excluded: ['anna', 'bert', 'dora'],
      dueIn: '2 days',
      remindAfter: '1 day',
      escalateTo: { role: 'director', candidates: ['dora'] },
    });

    expect(await told('nobody-at-all', 'bell.ring')).toMatchObject([
      { cause: overdue, text: 'Approve order waits for manager; nobody is left who may decide' },
    ]);
    expect(waitingFor).toMatchObject([{ role: 'manager', candidates: [], escalated: false }]);
    await cancelCase(kit.client, 'nobody-at-all', { by: 'otto', reason: 'order withdrawn' });
    await ended(kit.client, 'nobody-at-all');
    expect(kit.systems.callsOf('nobody-at-all', 'bell.remind')).toEqual([]);
  });

  test('given everybody to escalate to is excluded, then those asked may still decide, and the administrator is told', async () => {
    await startWaiting(kit, 'nobody-above', {
      ...manager,
      excluded: ['otto'],
      dueIn: '2 days',
      escalateTo: { role: 'director', candidates: ['otto'] },
    });
    await later('2 days');

    expect(await told('nobody-above', 'bell.ring')).toMatchObject([{ cause: overdue }]);
    expect(await openTask('nobody-above')).toMatchObject({ role: 'manager', candidates: ['anna', 'bert'] });
    await decides('nobody-above', approves('anna'));
    await ended(kit.client, 'nobody-above');
  });

  test('given nobody to escalate to, then the administrator is told, and again once it is decided', async () => {
    await startWaiting(kit, 'overdue', { ...manager, dueIn: '2 days' });
    await later('2 days');

    expect(await told('overdue', 'bell.ring')).toEqual([
      { cause: overdue, caseId: 'overdue', text: 'Approve order waits for manager anna or bert' },
    ]);
    expect(kit.systems.callsOf('overdue', 'bell.hush')).toEqual([]);
    await decides('overdue', approves('anna'));
    await ended(kit.client, 'overdue');
    expect(await told('overdue', 'bell.hush')).toMatchObject([{ cause: overdue }]);
    expect(kit.systems.callsOf('overdue', 'bell.ring')).toHaveLength(1);
  });

  test('given it is escalated and still not decided, then the administrator is told; cancelled, that it is over', async () => {
    await startWaiting(kit, 'twice-due', { ...manager, dueIn: '2 days', escalateTo: { role: 'director' } });
    await later('2 days');
    await until(
      () => openTask('twice-due'),
      (task) => task?.escalated === true,
    );
    const beforeSecondDue: Alert[] = kit.systems.callsOf('twice-due', 'bell.ring').map(({ input }) => input as Alert);
    await later('2 days');

    expect(beforeSecondDue).toEqual([]);
    expect(await told('twice-due', 'bell.ring')).toMatchObject([{ text: 'Approve order waits for director' }]);
    await cancelCase(kit.client, 'twice-due', { by: 'otto', reason: 'order withdrawn' });
    await ended(kit.client, 'twice-due');
    expect(await told('twice-due', 'bell.hush')).toMatchObject([{ cause: overdue }]);
  });
});
