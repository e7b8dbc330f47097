import type { Client } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import { findCases, historyOf, type CaseFilter, type FoundCase } from '../../kit/client';
import type { CaseRecord, CaseStatus } from '../../kit/contract';
import { didYouMean } from '../../service/did-you-mean';
import { processes } from '../../processes/catalogue';
import { aboutCase, asJson, lookUpAll } from '../looking-up';
import { print } from '../print';
import type { CommonOptions } from '../program';
import { renderSteps, renderWhereabouts, silenceWords } from '../render/case';
import { renderCases, renderIncidents, renderTasks } from '../render/lists';
import { placeOf, withSession } from '../session';
import { WrongUse } from '../wrong-use';

/** How many cases are listed. */
const mostListed = 1_000;

export function where(idOrKey: string, options: CommonOptions): Promise<void> {
  return withSession(placeOf(options), async ({ client, addresses }) => {
    const cases = await lookUpAll(client, idOrKey);
    print(options, { cases }, (answer, style) =>
      answer.cases.map((one) => renderWhereabouts(one, addresses.temporal, style)).join('\n\n'),
    );
  });
}

export function history(caseId: string, options: CommonOptions): Promise<void> {
  return withSession(placeOf(options), async ({ client }) => {
    const steps = await aboutCase(client, caseId, () => historyOf(client, caseId));
    print(options, { caseId, steps }, (answer, style) => renderSteps(answer.steps, style));
  });
}

interface ListOptions extends CommonOptions {
  process?: string;
  status?: string;
  key?: string;
  olderThan?: string;
}

export function list(options: ListOptions): Promise<void> {
  const filter = filterOf(options);
  return withSession(placeOf(options), async ({ client }) => {
    const all = await findCases(client, { ...filter, limit: mostListed + 1 });
    const found = all.slice(0, mostListed);
    if (all.length > mostListed) warnOfCut();
    if (all.length === 0 && filter.process !== undefined) refuseMisspelt(filter.process);
    print(options, { cases: found.map(asJson) }, (_, style) => renderCases(found, style));
  });
}

/** A workflow of any other project is a process, too, of which there may be no case: only a name that is nearly one of ours. */
function refuseMisspelt(name: string): void {
  const names = processes.map((process) => process.name);
  const hint = names.includes(name) ? '' : didYouMean(name, names);
  if (hint) throw new WrongUse(`There is no process ${name}${hint}`, 'Name a process that there is.');
}

const statuses: CaseStatus[] = ['running', 'waiting', 'incident', 'completed', 'failed', 'cancelled', 'terminated'];

function filterOf({ process, status, key, olderThan }: ListOptions): CaseFilter {
  return {
    ...(process !== undefined && { process }),
    ...(status !== undefined && { status: statusNamed(status) }),
    ...(key !== undefined && { key }),
    ...(olderThan !== undefined && { startedBefore: new Date(Date.now() - milliseconds(olderThan)) }),
  };
}

function statusNamed(text: string): CaseStatus {
  const status = statuses.find((name) => name === text);
  if (status) return status;
  throw new WrongUse(
    `--status ${text} is no status of a case${didYouMean(text, statuses)}`,
    `Give one of ${statuses.join(', ')}.`,
  );
}

function milliseconds(text: string): number {
  try {
    return msToNumber(text as Duration);
  } catch {
    throw new WrongUse(
      `--older-than "${text}" is no duration.`,
      'Give one such as "30 minutes", "2 hours" or "3 days".',
    );
  }
}

export function tasks(options: CommonOptions & { role?: string }): Promise<void> {
  const { role } = options;
  return withSession(placeOf(options), async ({ client }) => {
    const { records, silent } = await openCases(client);
    warnOfSilence(silent);
    const all = records.flatMap(({ caseId, process, waitingFor }) =>
      waitingFor.map((task) => ({ caseId, process, ...task })),
    );
    const wanted = all.filter((task) => role === undefined || task.role === role);
    if (role !== undefined && wanted.length === 0) warnOfRole(role, all);
    print(options, { tasks: wanted, silent: idsOf(silent) }, (answer, style) => renderTasks(answer.tasks, role, style));
  });
}

export function incidents(options: CommonOptions): Promise<void> {
  return withSession(placeOf(options), async ({ client }) => {
    const { records, silent } = await openCases(client);
    warnOfSilence(silent);
    const all = records.flatMap(({ caseId, process, incidents: parked }) =>
      parked.map((incident) => ({ caseId, process, ...incident })),
    );
    print(options, { incidents: all, silent: idsOf(silent) }, (answer, style) =>
      renderIncidents(answer.incidents, style),
    );
  });
}

type Unanswered = FoundCase & { answered: false };

/** What all open cases say of themselves, and those that should but do not answer. */
async function openCases(client: Client): Promise<{ records: CaseRecord[]; silent: Unanswered[] }> {
  const found = await findCases(client, { status: 'open', limit: Infinity });
  return {
    records: found.flatMap((one) => (one.answered ? [one.record] : [])),
    silent: found.flatMap((one) => (one.answered || one.why === 'not recorded' ? [] : [one])),
  };
}

function idsOf(silent: Unanswered[]): string[] {
  return silent.map(({ record }) => record.caseId);
}

function warnOfCut(): void {
  const narrow = 'narrow the list with --process, --status, --key or --older-than';
  process.stderr.write(`Only the first ${mostListed} cases are listed; ${narrow}.\n`);
}

function warnOfSilence(silent: Unanswered[]): void {
  const counts = new Map<string, number>();
  for (const { why, record } of silent) {
    const reason = silenceWords({ why, taskQueue: record.taskQueue });
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of counts) {
    process.stderr.write(`Not known of ${count === 1 ? 'one open case' : `${count} open cases`}: ${reason}.\n`);
  }
}

function warnOfRole(role: string, all: { role: string }[]): void {
  const hint = didYouMean(role, new Set(all.map((task) => task.role)));
  if (hint) process.stderr.write(`--role ${role}${hint}\n`);
}
