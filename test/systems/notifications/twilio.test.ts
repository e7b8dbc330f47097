import { Client } from 'pg';
import { testDatabase } from '../../support/postgres';
import { execute, passMinutes, setClockOff, settled, startNotifications, until } from './running';
import { accountSid, authToken, sender, startTwilioServer, type TwilioServer } from './twilio-server';

const recipient = '+4915550100001';
const text = 'The salaries of November wait for you.';

let database: Awaited<ReturnType<typeof testDatabase>>;
let twilio: TwilioServer;
let system: Awaited<ReturnType<typeof startNotifications>>;
beforeEach(async () => {
  database = await testDatabase();
  twilio = await startTwilioServer();
  system = await start();
});
afterEach(async () => {
  jest.useRealTimers();
  await twilio.stop();
  await system.stop();
  await database.drop();
});

const start = () =>
  startNotifications(database.url, {
    SMS_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM: sender,
    TWILIO_BASE_URL: twilio.url,
  });

/** Waits until an attempt has ended without a word, and lets the time pass in which Twilio is not asked yet. */
async function passDoubt(): Promise<void> {
  await until(
    () => system.messages(),
    (found) => found.some(({ status, lastError }) => status === 'sending' && lastError !== undefined),
  );
  await passMinutes(database.url, 1);
}

test('given Twilio, when an SMS is sent, then Twilio has it once and its id is kept', async () => {
  await system.calling().sendSms({ recipient, text });

  expect(await settled(system)).toMatchObject([
    { status: 'sent', provider: 'twilio', providerId: `SM${'1'.padStart(32, '0')}` },
  ]);
  expect(twilio.taken).toMatchObject([{ to: recipient, from: sender, body: text }]);
});

test('given Twilio fails for a while, then nothing is lost and each SMS is sent once, in order', async () => {
  twilio.misbehave({ status: 503 }, { status: 429, body: { code: 20429, message: 'Too Many Requests' } });
  await system.calling().sendSms({ recipient, text: 'one' });
  await passDoubt();
  await system.calling().sendSms({ recipient, text: 'two' });

  expect(await settled(system)).toMatchObject([{ attempts: 3 }, { attempts: 1 }]);
  expect(twilio.taken.map(({ body }) => body)).toEqual(['one', 'two']);
});

test('given Twilio refuses a number for good, then it has failed, says why, is not tried again and holds up nobody', async () => {
  twilio.misbehave({ status: 400, body: { code: 21211, message: "Invalid 'To' Phone Number" } });
  await system.calling().sendSms({ recipient, text: 'one' });
  await system.calling().sendSms({ recipient, text: 'two' });

  expect(await settled(system)).toMatchObject([
    { status: 'failed', attempts: 1, lastError: "Twilio 400 (21211): Invalid 'To' Phone Number" },
    { status: 'sent', text: 'two' },
  ]);
});

test('given Twilio took an SMS and the connection broke, then Twilio is asked and it is not sent again', async () => {
  twilio.misbehave('drop-after-taking');
  await system.calling().sendSms({ recipient, text });
  await passDoubt();

  expect(await settled(system)).toMatchObject([{ status: 'sent', attempts: 2, providerId: twilio.taken[0]?.sid }]);
  expect(twilio.taken).toHaveLength(1);
  expect(twilio.asked()).toBe(1);
});

test('given the same text was sent before, when it is not known whether the second was taken, then the first is not mistaken for it', async () => {
  await system.calling().sendSms({ recipient, text });
  await settled(system);
  twilio.misbehave({ status: 500 });
  await system.calling().sendSms({ recipient, text });
  await passDoubt();

  const [first, second] = await settled(system);
  expect([first?.providerId, second?.providerId]).toEqual(twilio.taken.map(({ sid }) => sid));
  expect(twilio.taken).toHaveLength(2);
});

test('given an attempt is under way, when a process starts whose clock is an hour ahead, then it leaves the SMS alone', async () => {
  twilio.misbehave('hold-after-taking');
  await system.calling().sendSms({ recipient, text });
  await twilio.held();
  setClockOff(1);
  const other = await start();
  try {
    await until(
      () => execute(database.url, `SELECT 1 FROM graphile_worker.jobs WHERE key LIKE 'send:%' AND run_at > now()`),
      (waiting) => waiting.length === 1,
    );
    twilio.release();

    expect(await settled(system)).toMatchObject([{ status: 'sent', attempts: 1 }]);
    expect([twilio.attempts(), twilio.asked()]).toEqual([1, 0]);
  } finally {
    await other.stop();
  }
});

/** Takes the database away while Twilio has an SMS and has not answered, so that its job cannot end as it should. */
async function loseDatabase(): Promise<{ bringBack(): Promise<unknown> }> {
  jest.spyOn(console, 'trace').mockReturnValue();
  twilio.misbehave('hold-after-taking');
  await system.calling().sendSms({ recipient, text });
  await twilio.held();
  const name = new URL(database.url).pathname.slice(1);
  const cluster = process.env['TEST_POSTGRES_URL'] ?? '';
  await execute(cluster, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await execute(
    cluster,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name <> 'keeps its lock'`,
    [name],
  );
  twilio.release();
  await execute(cluster, 'SELECT pg_sleep(1)');
  return { bringBack: () => execute(cluster, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`) };
}

test('given the database goes away after Twilio took an SMS, when it is back, then it is not sent again', async () => {
  await (await loseDatabase()).bringBack();

  const [message] = await until(
    () => system.messages(),
    (found) => found !== undefined,
  );
  expect(message?.status).toBe('sending');
  await passMinutes(database.url, 1);
  expect(await settled(system)).toMatchObject([{ status: 'sent', providerId: twilio.taken[0]?.sid }]);
  expect(twilio.taken).toHaveLength(1);
});

test('given the database is back and sending begins again, when the system is stopped right then, then it stops', async () => {
  const keeper = new Client({ connectionString: database.url, application_name: 'keeps its lock' });
  await keeper.connect();
  try {
    const { bringBack } = await loseDatabase();
    await keeper.query('BEGIN; LOCK TABLE graphile_worker._private_jobs');
    await bringBack();
    await until(
      () =>
        execute(
          database.url,
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%force_unlock_workers%'`,
        ),
      (waiting) => waiting.length > 0,
    );
    const stopped = system.stop();
    await keeper.query('COMMIT');
    await stopped;
  } finally {
    await keeper.end();
    system = await start();
  }
});
