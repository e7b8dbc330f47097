import type { Attempt } from '../sending';
import type { OutgoingSms, SmsProvider } from './provider';

export interface TwilioSettings {
  accountSid: string;
  authToken: string;
  /** The sender: a number in E.164 or an alphanumeric sender id. */
  from: string;
  /** Where the API is, e.g. `https://api.twilio.com`. */
  baseUrl: string;
}

/** Twilio writes this before each text that a trial account sends. */
const trialPrefix = 'Sent from your Twilio trial account - ';

/** Twilio's clock and ours may differ by this much when a message is looked for. */
const clockToleranceMs = 60_000;

/** SMS by Twilio's Programmable Messaging API; each request is given up after `timeoutMs`, however far it has come. */
export async function twilioProvider(settings: TwilioSettings, timeoutMs = 10_000): Promise<SmsProvider> {
  const { default: twilio } = await import('twilio');
  const httpClient = new twilio.RequestClient();
  // Not the client's own time-out, which begins anew with each byte that arrives.
  httpClient.axios.interceptors.request.use((config) => ({ ...config, signal: AbortSignal.timeout(timeoutMs) }));
  const request = httpClient.request.bind(httpClient);
  httpClient.request = (options) => request({ ...options, uri: rebase(options.uri, settings.baseUrl) });
  const client = twilio(settings.accountSid, settings.authToken, { httpClient });

  return {
    name: 'twilio',
    attemptTakesMs: 2 * timeoutMs,
    async send({ recipient, text }: OutgoingSms): Promise<Attempt> {
      try {
        const message = await client.messages.create({ to: recipient, from: settings.from, body: text });
        return { status: 'accepted', providerId: message.sid };
      } catch (error) {
        return failedAttempt(error);
      }
    },
    async find({ recipient, text }: OutgoingSms, since: string): Promise<string[]> {
      const from = Date.parse(since) - clockToleranceMs;
      const found: string[] = [];
      // Not filtered by Twilio's DateSent, a message still queued there has none; nor by the sender, which may be another now.
      let page = await client.messages.page({ to: recipient, pageSize: 50 });
      for (;;) {
        const recent = page.instances.filter((message) => message.dateCreated.getTime() >= from);
        found.push(
          ...recent.filter(({ body }) => body === text || body === `${trialPrefix}${text}`).map(({ sid }) => sid),
        );
        const next = recent.length === 0 ? undefined : await page.nextPage();
        if (next === undefined) return found;
        page = next as typeof page;
      }
    },
  };
}

function rebase(uri: string, baseUrl: string): string {
  const { pathname, search } = new URL(uri);
  return `${baseUrl.replace(/\/$/, '')}${pathname}${search}`;
}

function failedAttempt(error: unknown): Attempt {
  const { status, code, message } = error as { status?: number; code?: number | string; message?: string };
  if (status === undefined || status >= 500) {
    const said = code === 'ERR_CANCELED' ? 'no answer in time' : (message ?? code ?? 'no reason given');
    const reason = `Twilio ${status ?? 'could not be reached'}: ${said}`;
    return notConnected.has(String(code)) ? { status: 'not-now', reason } : { status: 'unknown', reason };
  }
  if (typeof code !== 'number') {
    const reason = `Twilio ${status}: this is no answer of Twilio's API; check TWILIO_BASE_URL and proxies on the way`;
    return { status: 'not-now', reason };
  }
  const reason = `Twilio ${status} (${code}): ${message ?? 'no reason given'}`;
  return concernsMessage(status, code) ? { status: 'refused', reason } : { status: 'not-now', reason };
}

const notConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether the message itself is to blame. What else is wrong can be mended, and the message waits for it. */
function concernsMessage(status: number, code: number): boolean {
  if ([401, 404, 408, 425, 429].includes(status) || (status === 403 && code < 21_000)) return false;
  return !accountOrSender.has(code);
}

/** Of https://www.twilio.com/docs/api/errors: what is wrong with the account or with `TWILIO_FROM`. */
const accountOrSender = new Set([
  ...[10001, 20005, 90010], // the account is not active
  21611, // too many messages of the sender are queued
  ...[21212, 21603], // the sender is invalid or missing
  ...[21601, 21606, 21659, 21660], // the sender is not the account's
  ...[21657, 21661], // the sender cannot send SMS
  ...[21267, 21607], // the sender is not for a trial account
]);
