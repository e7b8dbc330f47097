import { chooseProvider, ConfigurationError } from '../../../../src/systems/notifications/providers/choose';
import { accountSid, authToken, sender } from '../twilio-server';

const twilio = {
  SMS_PROVIDER: 'twilio',
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_FROM: sender,
};

test.each([
  ['nothing is set', {}, 'log'],
  ['the variable is empty', { SMS_PROVIDER: '' }, 'log'],
  ['log is named', { SMS_PROVIDER: 'log' }, 'log'],
  ['twilio is named, with all it needs', { ...twilio, TWILIO_BASE_URL: '' }, 'twilio'],
])('given %s, then that provider is taken', async (_, environment, name) => {
  expect((await chooseProvider(environment)).name).toBe(name);
});

test.each([
  [{ SMS_PROVIDER: 'pigeon' }, 'SMS_PROVIDER is "pigeon": set it to log or twilio.'],
  [{ ...twilio, TWILIO_ACCOUNT_SID: '' }, 'TWILIO_ACCOUNT_SID is not set, and SMS_PROVIDER=twilio needs it'],
  [{ ...twilio, TWILIO_ACCOUNT_SID: 'SK1' }, 'TWILIO_ACCOUNT_SID is "SK1": set it to AC and 32 letters and digits.'],
  [{ ...twilio, TWILIO_AUTH_TOKEN: '' }, 'TWILIO_AUTH_TOKEN is not set'],
  [{ ...twilio, TWILIO_FROM: '0155' + '1'.repeat(20) }, 'TWILIO_FROM is "0155'],
  [{ ...twilio, TWILIO_BASE_URL: 'api.twilio.com' }, 'TWILIO_BASE_URL is "api.twilio.com": set it to an address'],
])('given %p, then it is refused and the variable named', async (environment, message) => {
  const refused = chooseProvider(environment);

  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(message);
});
