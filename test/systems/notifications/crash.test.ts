import { freePort } from '../../../src/platform/ports';
import { startCommand, type RunningCommand } from '../../support/command';
import { testDatabase } from '../../support/postgres';
import { connect, passMinutes, settled, until } from './running';
import { accountSid, authToken, sender, startTwilioServer, type TwilioServer } from './twilio-server';

const recipient = '+4915550100001';
const text = 'The salaries of November wait for you.';

jest.setTimeout(120_000);

let database: Awaited<ReturnType<typeof testDatabase>>;
let twilio: TwilioServer;
let running: RunningCommand | undefined;
beforeEach(async () => {
  database = await testDatabase();
  twilio = await startTwilioServer();
});
afterEach(async () => {
  await running?.stop('SIGKILL');
  await twilio.stop();
  await database.drop();
});

/** Starts notifications as a process of its own, and resolves when it is ready. */
async function start() {
  const port = await freePort();
  running = startCommand(['system', 'notifications'], {
    DATABASE_URL: database.url,
    PORT: String(port),
    SMS_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM: sender,
    TWILIO_BASE_URL: twilio.url,
  });
  const ended = running.ended.then((code) => {
    throw new Error(`notifications ended with ${code}`);
  });
  ended.catch(() => undefined);
  const url = `http://127.0.0.1:${port}`;
  const ready = () =>
    fetch(`${url}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false);
  await Promise.race([until(ready, Boolean), ended]);
  return { ...connect(url), kill: () => running?.stop('SIGKILL') };
}

test('given the process is killed after Twilio took an SMS, when it is started again, then the SMS is not sent again', async () => {
  twilio.misbehave('hold-after-taking');
  const before = await start();
  await before.calling('one').sendSms({ recipient, text });
  await twilio.held();
  await before.kill();

  const after = await start();
  await passMinutes(database.url, 1);

  expect(await settled(after)).toMatchObject([{ status: 'sent', attempts: 2, providerId: twilio.taken[0]?.sid }]);
  expect(twilio.taken).toHaveLength(1);
});

test('given the process is killed before Twilio took an SMS, when it is started again, then the SMS is sent', async () => {
  twilio.misbehave('hold-before-taking');
  const before = await start();
  await before.calling('one').sendSms({ recipient, text });
  await twilio.held();
  await before.kill();

  const after = await start();
  await passMinutes(database.url, 1);

  expect(await settled(after)).toMatchObject([{ status: 'sent', attempts: 2, providerId: twilio.taken[0]?.sid }]);
  expect(twilio.taken).toHaveLength(1);
});

test('given a provider that there is not, then it does not start and says so without a stack trace', async () => {
  running = startCommand(['system', 'notifications'], { DATABASE_URL: database.url, SMS_PROVIDER: 'pigeon' });

  expect(await running.ended).toBe(1);
  expect(running.output()).toMatch(/SMS_PROVIDER is "pigeon": set it to log or twilio/);
  expect(running.output()).not.toMatch(/ at .*\.js:/);
});
