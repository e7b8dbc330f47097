import type { Client } from '@temporalio/client';
import { describeCase, restartCase, startCase, StartRefused, type RestartOptions } from '../kit/client';
import type { Process, ResolvedRequest } from '../processes/process';
import type { FieldError } from '../service/problem';
import { fieldErrors, fieldsOf } from './field-errors';
import { inWords } from './field-words';
import { processNamed } from './process-named';
import { openRows, type OpenedRow } from './open-rows';
import { readSettings } from './settings';

/** What the door works with. Who starts a case is the client's identity. */
export interface Connections {
  client: Client;
  /** Activities of each system by its name; the door only reads. */
  systems: Record<string, unknown>;
  /** The folder of settings files; the clone's own, or `WHEREABOUTS_SETTINGS`, unless told. */
  settingsFolder?: string;
}

/** What came of a request to start a case. `already there`: it had been started before, and goes on or has ended well. */
export type OpenedCase =
  | { status: 'started' | 'already there'; caseId: string; runId: string }
  | {
      status: 'refused';
      /** In words: what was wrong with which field and value, or why the case cannot be started. */
      reason: string;
      /** The fields that are wrong; none when the request itself is right. */
      errors: FieldError[];
    };

/** What came of a request to start a case again. */
export type ReopenedCase =
  { status: 'restarted'; caseId: string; runId: string; restart: number } | (OpenedCase & { status: 'refused' });

/**
 * Starts the case that a request asks for, or finds it. The request is checked, and names in it are resolved to business
 * keys, before anything starts.
 * @throws UserError for settings that cannot be used, or a system whose address is not known; what a system threw when it
 * does not answer.
 */
export async function openCase(connections: Connections, process: Process, request: unknown): Promise<OpenedCase> {
  const settings = await readSettings(process, connections.settingsFolder);
  return openWith(connections, process, settings, request);
}

/**
 * Starts the cases that a file asks for, as {@link openRows} does.
 * @throws UserError for a file or settings that cannot be used, or a system whose address is not known.
 */
export async function startCases(connections: Connections, process: Process, file: string): Promise<OpenedRow[]> {
  const settings = await readSettings(process, connections.settingsFolder);
  return openRows(file, (request) => openWith(connections, process, settings, request));
}

/**
 * Starts a case again that failed, was cancelled or terminated, with what systems and settings say now.
 * @throws NoSuchCase, and as {@link openCase}
 */
export async function reopenCase(
  connections: Connections,
  caseId: string,
  options: RestartOptions = {},
): Promise<ReopenedCase> {
  const before = await describeCase(connections.client, caseId);
  const process = processNamed(before.process);
  if (before.keys.length === 0) {
    const reason = `case ${caseId} has no business keys, so it is not known what to start it with; start it again with the client that started it`;
    return { status: 'refused', reason, errors: [] };
  }
  const settings = await readSettings(process, connections.settingsFolder);
  const resolved = await resolve(connections, process, settings, requestOf(process, before.keys));
  if (resolved.status === 'refused') return resolved;
  return refusedOr(async () => {
    const restarted = await restartCase(connections.client, newCase(process, { ...resolved, caseId }), options);
    return { status: 'restarted', ...restarted };
  });
}

async function openWith(
  connections: Connections,
  process: Process,
  settings: unknown,
  request: unknown,
): Promise<OpenedCase> {
  const resolved = await resolve(connections, process, settings, request);
  if (resolved.status === 'refused') return resolved;
  return refusedOr(async () => {
    const { caseId, runId, existed } = await startCase(connections.client, newCase(process, resolved));
    return { status: existed ? 'already there' : 'started', caseId, runId };
  });
}

type Resolved = ResolvedRequest & { status: 'ok' };
type RefusedRequest = OpenedCase & { status: 'refused' };

async function resolve(
  { systems }: Connections,
  process: Process,
  settings: unknown,
  request: unknown,
): Promise<Resolved | RefusedRequest> {
  const parsed = process.request.safeParse(request);
  if (!parsed.success) return refused(fieldErrors(parsed.error, request, process.request));
  const resolved = await process.resolve(parsed.data, { systems, settings });
  if (resolved.status === 'ok') return resolved;
  const { field, value, reason } = resolved;
  return refused([{ field, value, message: reason }]);
}

function refused(errors: FieldError[]): RefusedRequest {
  return {
    status: 'refused',
    reason: errors.map(inWords).join('; '),
    errors: errors.map(({ field, value, message }) => ({ field, ...(value !== undefined && { value }), message })),
  };
}

async function refusedOr<Started>(start: () => Promise<Started>): Promise<Started | RefusedRequest> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof StartRefused) return { status: 'refused', reason: error.message, errors: [] };
    throw error;
  }
}

function newCase({ name, workflow }: Process, { caseId, keys, input }: Resolved) {
  return { process: name, workflow, caseId, keys, input };
}

/** A case's business keys carry the fields of the request that it was started with. */
function requestOf(process: Process, keys: string[]): Record<string, string> {
  const fields = fieldsOf(process.request);
  const values = keys.map((key) => [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)] as const);
  return Object.fromEntries(values.filter(([kind]) => fields.includes(kind)));
}
