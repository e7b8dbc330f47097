import { twilioProvider } from '../../../../src/systems/notifications/providers/twilio';
import { accountSid, authToken, sender, startTwilioServer, type TwilioServer } from '../twilio-server';

const sms = { messageId: '41', recipient: '+4915550100001', text: 'The salaries of November wait for you.' };
const firstId = () => server.taken[0]?.sid;
const longAgo = '2026-01-01T00:00:00.000Z';

let server: TwilioServer;
beforeEach(async () => {
  server = await startTwilioServer();
});
afterEach(() => server.stop());

const provider = (settings: Partial<Parameters<typeof twilioProvider>[0]> = {}) =>
  twilioProvider({ accountSid, authToken, from: sender, baseUrl: server.url, ...settings }, 500);

test('given Twilio takes the message, then its id is the answer', async () => {
  expect(await (await provider()).send(sms)).toEqual({ status: 'accepted', providerId: firstId() });
  expect(server.taken).toMatchObject([{ to: sms.recipient, from: sender, body: sms.text }]);
});

test('given an invalid number, then the refusal is final and says why', async () => {
  server.misbehave({ status: 400, body: { code: 21211, message: "Invalid 'To' Phone Number", status: 400 } });

  expect(await (await provider()).send(sms)).toEqual({
    status: 'refused',
    reason: "Twilio 400 (21211): Invalid 'To' Phone Number",
  });
});

test('given too many requests, then it was not taken now', async () => {
  server.misbehave({ status: 429, body: { code: 20429, message: 'Too Many Requests', status: 429 } });

  expect(await (await provider()).send(sms)).toEqual({
    status: 'not-now',
    reason: 'Twilio 429 (20429): Too Many Requests',
  });
});

test('given wrong credentials, then the message is not to blame and waits', async () => {
  expect((await (await provider({ authToken: 'wrong' })).send(sms)).status).toBe('not-now');
});

test('given nobody listens there, then it was not taken now', async () => {
  await server.stop();

  expect((await (await provider()).send(sms)).status).toBe('not-now');
});

test.each([
  ['Twilio fails', { status: 503, body: 'upstream connect error' }],
  ['the connection breaks', 'drop-after-taking'],
  ['the answer does not come in time', 'hold-after-taking'],
] as const)('given %s, then it is not known whether it was taken', async (_, misbehaviour) => {
  server.misbehave(misbehaviour);

  expect(await (await provider()).send(sms)).toMatchObject({
    status: 'unknown',
    reason: expect.stringMatching(/^Twilio/) as string,
  });
});

test('given messages were taken, when one is looked for, then those with its recipient and text are found, over all pages', async () => {
  const twilio = await provider();
  await twilio.send(sms);
  for (const text of ['one', 'two', 'three']) await twilio.send({ ...sms, text });
  await twilio.send({ ...sms, recipient: '+4915550100002' });

  expect(await twilio.find(sms, longAgo)).toEqual([firstId()]);
});

test('given a trial account, which puts words before the text, then the message is found nevertheless', async () => {
  const twilio = await provider();
  await twilio.send({ ...sms, text: `Sent from your Twilio trial account - ${sms.text}` });

  expect(await twilio.find(sms, longAgo)).toEqual([firstId()]);
});

test('given it was taken before the time asked for, then it is another one', async () => {
  const twilio = await provider();
  await twilio.send(sms);

  expect(await twilio.find(sms, new Date(Date.now() + 3_600_000).toISOString())).toEqual([]);
});

test('given Twilio cannot be asked, then looking for a message fails', async () => {
  await server.stop();

  await expect((await provider()).find(sms, longAgo)).rejects.toThrow();
});
