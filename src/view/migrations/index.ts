import type { Migration } from 'kysely';
import { cases } from './001-cases';

/** All migrations of the central view, in order. */
export const migrations: Record<string, Migration> = {
  '001-cases': cases,
};
