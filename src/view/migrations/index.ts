import type { Migration } from 'kysely';
import { cases } from './001-cases';
import { search } from './002-search';
import { durations } from './003-durations';
import { watch } from './003-watch';

/** All migrations of the central view, in order. */
export const migrations: Record<string, Migration> = {
  '001-cases': cases,
  '002-search': search,
  '003-durations': durations,
  '003-watch': watch,
};
