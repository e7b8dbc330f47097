import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { msToNumber, msToTs, optionalTsToMs } from '@temporalio/common/lib/time';
import { caseKeysAttribute, caseProcessAttribute } from '../kit/contract';
import type { TemporalAddress } from './addresses';
import { databaseNames } from './databases';
import { ensureDatabases, givenPostgres, listDatabases } from './postgres';

import { UserError } from './user-error';

/** Something that a server lacks for Whereabouts. */
export interface Change {
  /** In words, e.g. `Temporal at localhost:7233: add the search attribute CaseKeys (KeywordList) to namespace default`. */
  description: string;
  apply(): Promise<void>;
}

/** Values and names of `IndexedValueType` in Temporal's API. */
const attributes = [
  { name: caseProcessAttribute, value: 2, type: 'Keyword' },
  { name: caseKeysAttribute, value: 7, type: 'KeywordList' },
];
type Attribute = (typeof attributes)[number];

/** How long finished cases stay searchable in a namespace that keeps them for less. */
const retention = '30 days';

/**
 * What has to change on servers that others run, so that Whereabouts can use them; nothing is changed yet. Temporal: the
 * namespace, the search attributes, a retention of at least 30 days. Postgres (`WHEREABOUTS_POSTGRES_URL`): one database
 * a system.
 * @throws UserError for a server that cannot be used.
 */
export async function findChanges(temporal: TemporalAddress, postgresUrl?: string): Promise<Change[]> {
  const changes = await withConnection(temporal, async (connection) => {
    const kept = await retentionOf(connection, temporal);
    if (kept === undefined)
      return [makeNamespace(temporal), ...attributes.map((wanted) => addAttribute(temporal, wanted))];
    const missing = await missingAttributes(connection, temporal);
    const additions = missing.map((wanted) => addAttribute(temporal, wanted));
    return kept < msToNumber(retention) ? [...additions, keepLonger(temporal, kept)] : additions;
  });
  return postgresUrl === undefined ? changes : [...changes, ...(await databaseChanges(postgresUrl))];
}

/**
 * Add the search attributes that the namespace lacks, which changes nothing for others; answers with their names.
 * @throws UserError for a server that cannot be used or does not allow it.
 */
export async function addSearchAttributes(temporal: TemporalAddress): Promise<string[]> {
  const missing = await withConnection(temporal, (connection) => missingAttributes(connection, temporal));
  for (const wanted of missing) await addAttribute(temporal, wanted).apply();
  return missing.map(({ name }) => name);
}

/** `what` is for whoever may do it, when the server does not let us. */
async function withConnection<T>(
  temporal: TemporalAddress,
  work: (connection: Connection) => Promise<T>,
  what = `add the search attributes ${attributes.map(inWords).join(' and ')} to namespace ${temporal.namespace}`,
): Promise<T> {
  const connection = await Connection.connect({ ...temporal.connection, connectTimeout: '5 seconds' }).catch(
    (error: unknown) => {
      throw unreachable(temporal, error instanceof Error ? error.message : String(error));
    },
  );
  try {
    return await connection.withDeadline(Date.now() + 20_000, () => work(connection));
  } catch (error) {
    throw explain(error, temporal, what);
  } finally {
    await connection.close();
  }
}

/** In milliseconds; undefined when there is no such namespace. */
async function retentionOf(connection: Connection, { namespace }: TemporalAddress): Promise<number | undefined> {
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return optionalTsToMs(config?.workflowExecutionRetentionTtl) ?? Number.POSITIVE_INFINITY;
  } catch (error) {
    if (codeOf(error) === notFound) return undefined;
    throw error;
  }
}

async function missingAttributes(connection: Connection, temporal: TemporalAddress): Promise<Attribute[]> {
  const { namespace } = temporal;
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  for (const wanted of attributes) requireType(temporal, wanted, customAttributes[wanted.name]);
  return attributes.filter(({ name }) => customAttributes[name] === undefined);
}

function requireType(temporal: TemporalAddress, { name, value, type }: Attribute, found = value): void {
  if (found === value) return;
  throw new UserError(
    `${title(temporal)} has a search attribute ${name} in namespace ${temporal.namespace} that is no ${type}.`,
    `Remove it: temporal operator search-attribute remove --name ${name}. Or name another namespace with TEMPORAL_NAMESPACE.`,
  );
}

function change(temporal: TemporalAddress, what: string, work: (connection: Connection) => Promise<void>): Change {
  return { description: `${title(temporal)}: ${what}`, apply: () => withConnection(temporal, work, what) };
}

function makeNamespace(temporal: TemporalAddress): Change {
  const { namespace } = temporal;
  return change(
    temporal,
    `make the namespace ${namespace}, which keeps finished cases for ${retention}`,
    async (connection) => {
      await connection.workflowService.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: msToTs(retention),
      });
      while (!(await isKnown(connection, temporal))) await sleep(500);
    },
  );
}

/** Servers remember for a moment that there was no such namespace; some calls find it before others do. */
async function isKnown(connection: Connection, temporal: TemporalAddress): Promise<boolean> {
  try {
    await missingAttributes(connection, temporal);
    return (await retentionOf(connection, temporal)) !== undefined;
  } catch (error) {
    if (codeOf(error) === notFound) return false;
    throw error;
  }
}

function addAttribute(temporal: TemporalAddress, wanted: Attribute): Change {
  const { namespace } = temporal;
  const { name, value } = wanted;
  return change(
    temporal,
    `add the search attribute ${inWords(wanted)} to namespace ${namespace}`,
    async (connection) => {
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { [name]: value } });
      while ((await missingAttributes(connection, temporal)).some((missing) => missing.name === name)) await sleep(200);
    },
  );
}

function inWords({ name, type }: Attribute): string {
  return `${name} (${type})`;
}

function keepLonger(temporal: TemporalAddress, kept: number): Change {
  const { namespace } = temporal;
  const hours = Math.round(kept / msToNumber('1 hour'));
  return change(
    temporal,
    `keep finished cases of namespace ${namespace} for ${retention} instead of ${hours} hours`,
    async (connection) => {
      const config = { workflowExecutionRetentionTtl: msToTs(retention) };
      await connection.workflowService.updateNamespace({ namespace, config });
    },
  );
}

async function databaseChanges(postgresUrl: string): Promise<Change[]> {
  const server = givenPostgres(postgresUrl);
  const existing = await listDatabases(server);
  return databaseNames
    .filter((name) => !existing.includes(name))
    .map((name) => ({
      description: `Postgres at ${new URL(postgresUrl).host}: make the database ${name}`,
      apply: () => ensureDatabases(server, [name]),
    }));
}

function title({ connection }: TemporalAddress): string {
  return `Temporal at ${connection.address}`;
}

/** Codes of gRPC. */
const notFound = 5;
const permissionDenied = 7;
const unimplemented = 12;
const deadlineExceeded = 4;
const unavailable = 14;

function unreachable(temporal: TemporalAddress, reason: string): UserError {
  return new UserError(
    `${title(temporal)} cannot be reached: ${reason}`,
    'Start it, mend TEMPORAL_ADDRESS and the TLS settings, or unset TEMPORAL_ADDRESS to run a server here.',
  );
}

function codeOf(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}

function explain(error: unknown, temporal: TemporalAddress, what: string): unknown {
  if (!isGrpcServiceError(error)) return error;
  const code = codeOf(error);
  if (code === notFound) {
    return new UserError(
      `${title(temporal)} has no namespace ${temporal.namespace}.`,
      'Make it with: npx whereabouts setup. Or name another with TEMPORAL_NAMESPACE.',
    );
  }
  if (code === deadlineExceeded || code === unavailable) return unreachable(temporal, error.details);
  if (code === permissionDenied || code === unimplemented) {
    return new UserError(`${title(temporal)} does not allow this: ${error.details}`, `Have its operator ${what}.`);
  }
  return error;
}
