import { logProvider } from './log';
import type { SmsProvider } from './provider';
import { twilioProvider } from './twilio';

/** Configuration that a system cannot start with; the message names the variable, its value and what to set. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * The provider that `SMS_PROVIDER` names: `log` (default) or `twilio`, which needs `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`
 * and `TWILIO_FROM` and takes `TWILIO_BASE_URL`. Throws a {@link ConfigurationError}. An empty variable counts as not set.
 */
export async function chooseProvider(environment: Record<string, string | undefined>): Promise<SmsProvider> {
  const name = set(environment, 'SMS_PROVIDER') ?? 'log';
  switch (name) {
    case 'log':
      return logProvider();
    case 'twilio':
      return twilioProvider({
        accountSid: required(environment, 'TWILIO_ACCOUNT_SID', /^AC[0-9a-zA-Z]{32}$/, 'AC and 32 letters and digits'),
        authToken: required(environment, 'TWILIO_AUTH_TOKEN', /./, "the account's token"),
        from: required(
          environment,
          'TWILIO_FROM',
          /^(\+[1-9][0-9]{1,14}|[A-Za-z0-9 ]{1,11})$/,
          'a number in E.164 such as +15005550006, or an alphanumeric sender of at most 11 characters',
        ),
        baseUrl: baseUrl(set(environment, 'TWILIO_BASE_URL') ?? 'https://api.twilio.com'),
      });
    default:
      throw new ConfigurationError(`SMS_PROVIDER is "${name}": set it to log or twilio.`);
  }
}

function required(
  environment: Record<string, string | undefined>,
  variable: string,
  shape: RegExp,
  expected: string,
): string {
  const value = set(environment, variable);
  if (value === undefined) {
    throw new ConfigurationError(`${variable} is not set, and SMS_PROVIDER=twilio needs it: set it to ${expected}.`);
  }
  if (shape.test(value)) return value;
  const shown = variable === 'TWILIO_AUTH_TOKEN' ? '' : ` is "${value}"`;
  throw new ConfigurationError(`${variable}${shown}: set it to ${expected}.`);
}

function baseUrl(value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
  throw new ConfigurationError(`TWILIO_BASE_URL is "${value}": set it to an address such as https://api.twilio.com.`);
}

function set(environment: Record<string, string | undefined>, variable: string): string | undefined {
  return environment[variable] === '' ? undefined : environment[variable];
}
