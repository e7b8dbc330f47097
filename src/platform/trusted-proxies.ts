import { isIP } from 'node:net';
import { UserError } from './user-error';

/** Names of ranges that stand for addresses of machines near by. */
const named = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * The proxies whose word on where a request comes from is taken: `TRUSTED_PROXIES`, addresses, ranges and names of ranges
 * with commas between them. None where it is not set.
 * @throws UserError for what is neither
 */
export function proxiesFrom(text = ''): string[] {
  const proxies = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const wrong = proxies.find((one) => !named.includes(one) && !isRange(one));
  if (wrong === undefined) return proxies;
  throw new UserError(
    `TRUSTED_PROXIES names "${wrong}", which is no address and no range.`,
    `Give addresses such as 10.0.0.5, ranges such as 10.0.0.0/8, or ${named.join(', ')}, with commas between them.`,
  );
}

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return false;
  return bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128));
}
