import type { Migration } from 'kysely';
import { identity } from './001-identity';
import { audit } from './002-audit';
import { batches } from './003-batches';
import { auditBefore } from './004-audit-before';

/** All migrations of the API's database, in order. */
export const migrations: Record<string, Migration> = {
  '001-identity': identity,
  '002-audit': audit,
  '003-batches': batches,
  '004-audit-before': auditBefore,
};
