import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import type { Person } from '../person';
import { newSecret } from './secrets';

/** Argon2id, the library's default, with what OWASP asks for at least: 19 MiB and two passes. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const shortest = 12;
const longest = 256;
/** What is left of a password must be this long without the words that anyone would try first. */
const shortestRest = 8;
const triedFirst = ['whereabouts', 'password', 'administrator', '1234567890', 'qwertyuiop'];

/** A password that is to be set. NIST SP 800-63B: length alone counts, whatever it is made of. */
export const newPasswordSchema = z
  .string()
  .refine((password) => [...password].length >= shortest, `must have at least ${shortest} characters`)
  .refine((password) => [...password].length <= longest, `must have at most ${longest} characters`)
  .meta({ minLength: shortest, example: 'seven tall ships at noon' });

/** A password that is to be checked. */
export const passwordSchema = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1,000 characters');

/** Whether a password is little more than words that anyone would try first, such as the person's own name. */
export function isGuessable(password: string, { id, name }: Pick<Person, 'id' | 'name'>): boolean {
  const words = [id, ...name.split(/\s+/), ...triedFirst].filter((word) => word.length > 2);
  const rest = words.reduce((left, word) => left.replaceAll(word.toLowerCase(), ''), password.toLowerCase());
  return [...rest].length < shortestRest;
}

/** What is kept of a password. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalised(password), cost);
}

/** Whether it is the password kept; takes as long where none is. */
export async function isPassword(password: string, kept: string | null | undefined): Promise<boolean> {
  const matches = await verify(kept ?? (await nobodys()), normalised(password));
  return matches && typeof kept === 'string';
}

let ofNobody: Promise<string> | undefined;

function nobodys(): Promise<string> {
  ofNobody ??= hashPassword(newSecret());
  return ofNobody;
}

/** The same characters are typed in different ways on different keyboards. */
function normalised(password: string): string {
  return password.normalize('NFKC');
}
