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

test.each([
  [400, 21211, "Invalid 'To' Phone Number"],
  [400, 21614, "'To' number is not a valid mobile number"],
  [400, 21610, 'Attempt to send to unsubscribed recipient'],
  [400, 21408, 'Permission to send an SMS has not been enabled for the region'],
  [403, 21608, 'The number is unverified'],
  [400, 21612, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters"],
  [400, 21617, 'The concatenated message body exceeds the 1600 character limit'],
])('given Twilio answers %i (%i) %s, then the refusal is final and says why', async (status, code, message) => {
  server.misbehave({ status, body: { code, message, status } });

  expect(await (await provider()).send(sms)).toEqual({
    status: 'refused',
    reason: `Twilio ${status} (${code}): ${message}`,
  });
});

test.each([
  [429, 20429, 'Too Many Requests'],
  [429, 21611, "This 'From' number has exceeded the maximum number of queued messages"],
  [403, 20003, 'Permission Denied'],
  [400, 90010, 'Account is not active'],
  [404, 20404, 'The requested resource was not found'],
  [400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required to send a message"],
  [400, 21212, "Invalid 'From' Number"],
  [400, 21606, "The 'From' phone number provided is not a valid message-capable Twilio phone number"],
  [400, 21659, "'From' is not a Twilio phone number or Short Code country mismatch"],
  [400, 21660, "Mismatch between the 'From' number and the account"],
  [400, 21661, "'From' number is not SMS-capable"],
])('given Twilio answers %i (%i) %s, then the message is not to blame and waits', async (status, code, message) => {
  server.misbehave({ status, body: { code, message, status } });

  expect(await (await provider()).send(sms)).toEqual({
    status: 'not-now',
    reason: `Twilio ${status} (${code}): ${message}`,
  });
});

test('given wrong credentials, then the message is not to blame and waits', async () => {
  expect((await (await provider({ authToken: 'wrong' })).send(sms)).status).toBe('not-now');
});

test.each([301, 400, 403, 404, 405, 407])(
  'given somebody else than Twilio answers %i, then the message is not to blame and waits',
  async (status) => {
    server.misbehave({ status, body: '<html>' });

    expect(await (await provider()).send(sms)).toEqual({
      status: 'not-now',
      reason: expect.stringMatching(`^Twilio ${status}: .*TWILIO_BASE_URL`) as string,
    });
  },
);

test('given nobody listens there, then it was not taken now', async () => {
  await server.stop();

  expect((await (await provider()).send(sms)).status).toBe('not-now');
});

test.each([
  ['Twilio fails', { status: 503, body: 'upstream connect error' }],
  ['the connection breaks', 'drop-after-taking'],
  ['the answer does not come in time', 'hold-after-taking'],
  ['the answer comes byte by byte without end', 'trickle-after-taking'],
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

test('given another sender was configured meanwhile, then the message is found nevertheless', async () => {
  await (await provider({ from: '+15005550007' })).send(sms);

  expect(await (await provider()).find(sms, longAgo)).toEqual([firstId()]);
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
