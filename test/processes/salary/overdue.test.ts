import { getCase, resultOf } from '../../../src/kit/client';
import {
  approves,
  booking,
  caseWhen,
  decides,
  endAll,
  financeDirector,
  given,
  managingDirector,
  monthly,
  smsTo,
  start,
  untilSms,
  untilWaiting,
  type Given,
} from '../../support/salary';
import { startStack, type Stack } from '../../support/stack';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => endAll(stack));
afterAll(() => stack.tearDown());

const managingDirectorPhone = '+4915550100001';
const pass = (time: string) => stack.environment.sleep(time as '1 day');
const untilEscalated = async ({ caseId }: Given) => {
  const { waitingFor } = await caseWhen(stack, caseId, ({ waitingFor: [task] }) => task?.escalated === true);
  return waitingFor[0];
};

describe('given an approval that settings let wait for 3 days and remind of after 1 day', () => {
  let anna: Given;
  beforeEach(async () => {
    anna = await given(stack, { bonus: 500 });
    await start(stack, anna);
    await untilWaiting(stack, anna, 'approveBonus/1');
  });

  test('when it is decided within the day, then nobody is reminded', async () => {
    await pass('23 hours');
    await approves(stack, anna, anna.manager.id);
    await resultOf(stack.client, anna.caseId);
    await pass('4 days');

    expect(await smsTo(stack, anna.manager.phone)).toEqual([]);
  });

  test('when a day has passed, then the manager is reminded by one SMS, and may still decide', async () => {
    await pass('25 hours');
    const [text] = await untilSms(stack, anna.manager.phone);
    expect(text).toContain('Approve bonus');
    await pass('1 day');
    expect(await untilWaiting(stack, anna, 'approveBonus/1')).toMatchObject({ role: 'manager', escalated: false });

    await approves(stack, anna, anna.manager.id);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
    expect(await smsTo(stack, anna.manager.phone)).toHaveLength(1);
    expect(await smsTo(stack, anna.administrator)).toEqual([]);
  });

  test('when it is due, then it is escalated to the managing director, who decides instead of the manager', async () => {
    await pass('73 hours');
    expect(await untilEscalated(anna)).toMatchObject({ role: 'managing director', candidates: [managingDirector] });
    expect(await untilSms(stack, managingDirectorPhone)).toContainEqual(
      expect.stringMatching(`^Whereabouts: Approve bonus waits for you: ${anna.caseId}, since .* UTC$`),
    );
    await expect(approves(stack, anna, anna.manager.id)).rejects.toMatchObject({
      refusal: { code: 'not-a-candidate' },
    });

    await approves(stack, anna, managingDirector);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
    expect(await booking(stack, anna)).toMatchObject({ approvals: [{ decision: 'approve', by: managingDirector }] });
    expect(await smsTo(stack, anna.administrator)).toEqual([]);
  });

  test('when it is due twice, then the administrator is told, and gets the all-clear after the decision', async () => {
    await pass('73 hours');
    await untilEscalated(anna);
    await pass('73 hours');
    const [alert] = await untilSms(stack, anna.administrator);
    expect(alert).toContain('salary: approveBonus overdue');
    expect(alert).toContain(anna.caseId);
    expect(await getCase(stack.client, anna.caseId)).toMatchObject({ status: 'waiting', incidents: [] });

    await approves(stack, anna, managingDirector);

    expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
    expect(await smsTo(stack, anna.administrator)).toEqual([
      alert,
      'Whereabouts: all clear: salary: approveBonus overdue',
    ]);
  });
});

test('given the managing director approved after an escalation, when the finance director is late, then the task stays theirs', async () => {
  const anna = await given(stack, { bonus: 3_000 });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');
  await pass('73 hours');
  await untilEscalated(anna);
  await approves(stack, anna, managingDirector);
  await untilWaiting(stack, anna, 'approveBonus/2');

  await pass('73 hours');

  expect((await untilSms(stack, anna.administrator))[0]).toContain('salary: approveBonus overdue');
  expect(await untilWaiting(stack, anna, 'approveBonus/2')).toMatchObject({ candidates: [financeDirector] });
  await approves(stack, anna, financeDirector);
  expect(await resultOf(stack.client, anna.caseId)).toMatchObject({ outcome: 'paid' });
});

test('given a manager without a phone, when a day has passed, then nobody is reminded and the case waits on', async () => {
  const boss = await given(stack);
  const anna = await given(stack, { bonus: 500, manager: boss.employee.id });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'approveBonus/1');

  await pass('25 hours');
  await pass('1 minute');

  const record = await getCase(stack.client, anna.caseId);
  expect(record.steps.map(({ name }) => name)).not.toContain('notifications.sendSms');
  expect(record.status).toBe('waiting');
});

test('given missing base data, when the accountant is late and so is the managing director, then the administrator is told', async () => {
  const anna = await given(stack, { base: 'missing' });
  await start(stack, anna);
  await untilWaiting(stack, anna, 'enterBaseData/1');
  await pass('49 hours');
  expect(await untilEscalated(anna)).toMatchObject({ candidates: [managingDirector] });
  await pass('49 hours');
  const [alert] = await untilSms(stack, anna.administrator);
  expect(alert).toContain('salary: enterBaseData overdue');

  await decides(stack, anna, { task: 'enterBaseData', decision: 'submit', by: managingDirector, data: monthly(4_200) });

  await resultOf(stack.client, anna.caseId);
  expect(await smsTo(stack, anna.administrator)).toEqual([
    alert,
    'Whereabouts: all clear: salary: enterBaseData overdue',
  ]);
});
