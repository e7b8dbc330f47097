import type { Migration } from 'kysely';
import { cases } from './001-cases';
import { search } from './002-search';
import { durations } from './003-durations';
import { watch } from './004-watch';
import { changes } from './005-changes';
import { counts } from './006-counts';
import { maps } from './007-maps';

/** All migrations of the central view, in order. */
export const migrations: Record<string, Migration> = {
  '001-cases': cases,
  '002-search': search,
  '003-durations': durations,
  '004-watch': watch,
  '005-changes': changes,
  '006-counts': counts,
  '007-maps': maps,
};
