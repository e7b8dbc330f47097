import { testDatabase } from '../../support/postgres';
import { connect, execute, setClockOff, settled, startNotifications, until } from './running';

const recipient = '+4915550100001';
const text = 'The salaries of November wait for you.';

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

test('given the provider log, when an SMS is sent, then it is kept and counts as sent', async () => {
  const { messageId } = await system.calling().sendSms({ recipient, text });

  expect(await settled(system)).toEqual([
    {
      id: Number(messageId),
      recipient,
      text,
      status: 'sent',
      attempts: 1,
      provider: 'log',
      providerId: `log-${messageId}`,
      createdAt: expect.any(String) as string,
      sentAt: expect.any(String) as string,
    },
  ]);
});

test('given an SMS was sent, when the same call comes again, also after a restart, then it is the same SMS', async () => {
  const first = await system.calling('one').sendSms({ recipient, text });
  const again = await system.calling('one').sendSms({ recipient, text });
  await system.stop();
  system = await startNotifications(database.url);
  const afterRestart = await system.calling('one').sendSms({ recipient, text });

  expect([again, afterRestart]).toEqual([first, first]);
  expect(await settled(system)).toHaveLength(1);
});

test('given the same call comes many times at once, then it is one SMS', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => system.calling('one').sendSms({ recipient, text })),
  );

  expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(1);
  expect(await settled(system)).toHaveLength(1);
});

test('given a key was used, when another text comes with it, then it is refused for good', async () => {
  await system.calling('one').sendSms({ recipient, text });

  await expect(system.calling('one').sendSms({ recipient, text: 'Something else.' })).rejects.toMatchObject({
    type: 'idempotency-key-reused',
    nonRetryable: true,
  });
  expect(await settled(system)).toHaveLength(1);
});

test('given a recipient that is no phone number, then the field and what it must be are named, and nothing is kept', async () => {
  await expect(system.calling().sendSms({ recipient: '0155 501', text })).rejects.toMatchObject({
    nonRetryable: true,
    message: expect.stringMatching(/recipient.*E\.164/) as string,
  });
  expect(await system.messages()).toEqual([]);
});

test('given more messages than fit on a page, then the cursor leads through all of them, newest first', async () => {
  for (const number of [1, 2, 3, 4, 5]) await system.calling().sendSms({ recipient, text: `Message ${number}` });

  const seen: string[] = [];
  let page: { messages: { text: string }[]; nextCursor?: string };
  let cursor = '';
  do {
    const response = await fetch(`${system.url}/messages?limit=2${cursor}`);
    page = (await response.json()) as typeof page;
    seen.push(...page.messages.map((message) => message.text));
    cursor = `&cursor=${page.nextCursor}`;
  } while (page.nextCursor !== undefined);

  expect(seen).toEqual(['Message 5', 'Message 4', 'Message 3', 'Message 2', 'Message 1']);
});

test('given the database cut all connections, when an SMS is sent after that, then it is sent', async () => {
  await system.calling().sendSms({ recipient, text });
  await settled(system);
  await execute(
    database.url,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );

  const again = () =>
    system
      .calling('two')
      .sendSms({ recipient, text })
      .then(
        () => true,
        () => false,
      );
  await until(again, (sent) => sent);

  expect(await settled(system)).toMatchObject([{ status: 'sent' }, { status: 'sent' }]);
});

test('given two processes share the database, then each SMS is sent once by either', async () => {
  const other = await startNotifications(database.url);
  try {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? system : connect(other.url)).calling().sendSms({ recipient, text: `Message ${i}` }),
      ),
    );

    expect((await settled(system)).map(({ attempts }) => attempts)).toEqual(Array(20).fill(1));
  } finally {
    await other.stop();
  }
});

test.each([-1, 1])("given the process's clock is off by %i hours, then an SMS is sent at once", async (hours) => {
  setClockOff(hours);
  await system.calling().sendSms({ recipient, text });

  expect(await settled(system)).toMatchObject([{ status: 'sent', attempts: 1 }]);
});
