import { Connection } from '@temporalio/client';
import { msToNumber, msToTs } from '@temporalio/common/lib/time';
import { caseKeysAttribute, caseProcessAttribute } from '../kit/contract';
import type { TemporalAddress } from './addresses';
import { ensureDatabases, givenPostgres, listDatabases } from './postgres';
import { systemNames } from './systems';
import { UserError } from './user-error';

/** Something that a server lacks for Whereabouts. */
export interface Change {
  /** What it will be, e.g. `Temporal at localhost:7233, namespace default: add search attribute CaseKeys (KeywordList)`. */
  description: string;
  apply(): Promise<void>;
}

/** Values of `IndexedValueType` in Temporal's API. */
const attributeTypes = { [caseProcessAttribute]: 2, [caseKeysAttribute]: 7 };
const attributeNames: Record<number, string> = { 2: 'Keyword', 7: 'KeywordList' };

/** How long finished cases stay searchable in a namespace that keeps them for less. */
const retention = '30 days';

/**
 * What has to change on servers that others run, so that Whereabouts can use them; nothing is changed yet. Temporal: the
 * namespace, search attributes, a retention of at least 30 days. Postgres (`WHEREABOUTS_POSTGRES_URL`): one database a
 * system. Throws a {@link UserError} for a server that cannot be reached.
 */
export async function findChanges(temporal: TemporalAddress, postgresUrl?: string): Promise<Change[]> {
  const changes = await withConnection(temporal, async (connection) => {
    const kept = await retentionOf(connection, temporal.namespace);
    if (kept === undefined) return [makeNamespace(temporal), ...attributeChanges(temporal, [])];
    const attributes = attributeChanges(temporal, await attributesOf(connection, temporal));
    return kept < msToNumber(retention) ? [...attributes, keepLonger(temporal, kept)] : attributes;
  });
  return postgresUrl === undefined ? changes : [...changes, ...(await databaseChanges(postgresUrl))];
}

/** Add the search attributes that a namespace lacks; answers with their names. */
export async function addSearchAttributes(temporal: TemporalAddress): Promise<string[]> {
  const known = await withConnection(temporal, (connection) => attributesOf(connection, temporal));
  for (const change of attributeChanges(temporal, known)) await change.apply();
  return Object.keys(attributeTypes).filter((name) => !known.includes(name));
}
