import { createHash, randomBytes } from 'node:crypto';

/** What a secret is for, and how it begins: a personal access token, or the code of a one-time link. */
type Mark = 'wab' | 'wac';

const bits = 256;

/** 256 random bits, in hex. */
export function newSecret(): string {
  return randomBytes(bits / 8).toString('hex');
}

/** A secret that tells what it is, and whether it was copied whole: `<mark>_<64 hex digits><checksum of 8>`. */
export function newMarkedSecret(mark: Mark): string {
  const secret = `${mark}_${newSecret()}`;
  return secret + checksum(secret);
}

/** Whether a secret is as {@link newMarkedSecret} makes them; says nothing of whether it is valid. */
export function isWhole(secret: string, mark: Mark): boolean {
  const [, begin, end] = /^(wa[bc]_[0-9a-f]{64})([0-9a-f]{8})$/.exec(secret) ?? [];
  return begin?.startsWith(`${mark}_`) === true && checksum(begin) === end;
}

/** What is kept of a secret: SHA-256, in hex. Random secrets need no slow hash. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function checksum(text: string): string {
  return hashOf(text).slice(0, 8);
}
