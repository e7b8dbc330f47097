import { testDatabase } from '../../support/postgres';
import { execute, passMinutes, settled, startNotifications, until } from './running';
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
  await until(
    () => system.messages(),
    ([one]) => one?.lastError !== undefined,
  );
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

  expect(await settled(system)).toMatchObject([{ status: 'sent', attempts: 2, providerId: twilio.taken[0]?.sid }]);
  expect(twilio.taken).toHaveLength(1);
  expect(twilio.asked()).toBe(1);
});

test('given the same text was sent before, when it is not known whether the second was taken, then the first is not mistaken for it', async () => {
  await system.calling().sendSms({ recipient, text });
  await settled(system);
  twilio.misbehave({ status: 500 });
  await system.calling().sendSms({ recipient, text });

  const [first, second] = await settled(system);
  expect([first?.providerId, second?.providerId]).toEqual(twilio.taken.map(({ sid }) => sid));
  expect(twilio.taken).toHaveLength(2);
});

test('given the database goes away after Twilio took an SMS, when it is back, then it is not sent again', async () => {
  jest.spyOn(console, 'trace').mockReturnValue();
  twilio.misbehave('hold-after-taking');
  await system.calling().sendSms({ recipient, text });
  await twilio.held();
  const name = new URL(database.url).pathname.slice(1);
  const cluster = process.env['TEST_POSTGRES_URL'] ?? '';
  await execute(cluster, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await execute(cluster, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  twilio.release();
  await execute(cluster, 'SELECT pg_sleep(1)');
  await execute(cluster, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);

  const [message] = await until(
    () => system.messages(),
    (found) => found !== undefined,
  );
  expect(message?.status).toBe('sending');
  await passMinutes(database.url, 1);
  expect(await settled(system)).toMatchObject([{ status: 'sent', providerId: twilio.taken[0]?.sid }]);
  expect(twilio.taken).toHaveLength(1);
});
