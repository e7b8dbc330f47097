import type { Duration } from '@temporalio/common';
import { didYouMean } from '../../service/did-you-mean';
import { fieldsOfView, type CaseFilter, type FilterOfView, type Unanswered, type Whereabouts } from '../cases';
import { mapFormatNamed } from '../map-format';
import { print } from '../print';
import { processNames } from '../process-names';
import type { AskingOptions } from '../program';
import { renderSteps, renderWhereabouts, silenceWords } from '../render/case';
import { renderCases, renderIncidents, renderTasks } from '../render/lists';
import { looking } from '../session';
import { WrongUse } from '../wrong-use';

/** How many cases are listed. */
const mostListed = 1_000;

export function where(idOrKey: string, options: AskingOptions & { map?: true | string }): Promise<void> {
  return looking(options, async ({ looks, temporal }) => {
    const cases = await looks.find(idOrKey);
    if (options.map !== undefined) {
      const format = mapFormatNamed(options.map === true ? 'mermaid' : options.map);
      process.stdout.write(await looks.drawOnMap(oneOf(cases), format));
      return;
    }
    print(options, { cases }, (answer, style) =>
      answer.cases.map((one) => renderWhereabouts(one, temporal, style)).join('\n\n'),
    );
  });
}

/** @throws WrongUse where there are several */
function oneOf(cases: readonly Whereabouts[]): Whereabouts {
  const [one, other] = cases;
  if (one && !other) return one;
  const ids = cases.map(({ caseId }) => caseId).join(', ');
  throw new WrongUse(`Several cases have this key: ${ids}.`, 'One case is drawn on a map: give its id.');
}

export function history(caseId: string, options: AskingOptions): Promise<void> {
  return looking(options, async ({ looks }) => {
    const steps = await looks.history(caseId);
    print(options, { caseId, steps }, (answer, style) => renderSteps(answer.steps, style));
  });
}

/** Which cases are meant, as it is typed. */
export interface FilterOptions extends FilterOfView {
  process?: string;
  status?: string;
  key?: string;
  olderThan?: string;
}

export async function list(options: AskingOptions & FilterOptions): Promise<void> {
  const filter = await filterOf(options);
  return looking(options, async ({ looks }) => {
    const all = await looks.list({ ...filter, limit: mostListed + 1 });
    const cases = all.slice(0, mostListed);
    if (all.length > mostListed) warnOfCut();
    if (all.length === 0 && filter.process !== undefined) refuseMisspelt(filter.process);
    print(options, { cases }, (answer, style) => renderCases(answer.cases, style));
  });
}

/** A workflow of any other project is a process, too, of which there may be no case: only a name that is nearly one of ours. */
function refuseMisspelt(name: string): void {
  const names = processNames();
  const hint = names.includes(name) ? '' : didYouMean(name, names);
  if (hint) throw new WrongUse(`There is no process ${name}${hint}`, 'Name a process that there is.');
}

const statuses: NonNullable<CaseFilter['status']>[] = [
  ...(['running', 'waiting', 'incident', 'completed', 'failed', 'cancelled', 'terminated'] as const),
  'open',
];

/** @throws WrongUse */
export async function filterOf(options: FilterOptions): Promise<CaseFilter> {
  const { process, status, key, olderThan } = options;
  const ofView = fieldsOfView.flatMap((field) => (options[field] === undefined ? [] : [[field, options[field]]]));
  return {
    ...(process !== undefined && { process }),
    ...(status !== undefined && { status: statusNamed(status) }),
    ...(key !== undefined && { key }),
    ...(Object.fromEntries(ofView) as FilterOfView),
    ...(olderThan !== undefined && { startedBefore: new Date(Date.now() - (await milliseconds(olderThan))) }),
  };
}

function statusNamed(text: string): NonNullable<CaseFilter['status']> {
  const status = statuses.find((name) => name === text);
  if (status) return status;
  throw new WrongUse(
    `--status ${text} is no status of a case${didYouMean(text, statuses)}`,
    `Give one of ${statuses.join(', ')}.`,
  );
}

async function milliseconds(text: string): Promise<number> {
  const { msToNumber } = await import('@temporalio/common/lib/time.js');
  try {
    return msToNumber(text as Duration);
  } catch {
    throw new WrongUse(
      `--older-than "${text}" is no duration.`,
      'Give one such as "30 minutes", "2 hours" or "3 days".',
    );
  }
}

export function tasks(options: AskingOptions & { role?: string }): Promise<void> {
  const { role } = options;
  return looking(options, async ({ looks }) => {
    const { tasks: found, silent } = await looks.tasks(role);
    warnOfSilence(silent);
    if (role !== undefined && found.length === 0) warnOfRole(role, (await looks.tasks()).tasks);
    print(options, { tasks: found, silent: idsOf(silent) }, (answer, style) => renderTasks(answer.tasks, role, style));
  });
}

export function incidents(options: AskingOptions): Promise<void> {
  return looking(options, async ({ looks }) => {
    const { incidents: found, watch, silent } = await looks.incidents();
    warnOfSilence(silent);
    print(options, { incidents: found, watch, silent: idsOf(silent) }, (answer, style) =>
      renderIncidents(answer.incidents, answer.watch, style),
    );
  });
}

function idsOf(silent: Unanswered): string[] {
  return silent.map(({ record }) => record.caseId);
}

function warnOfCut(): void {
  process.stderr.write(`Only the first ${mostListed} cases are listed; narrow the list, e.g. with --older-than.\n`);
}

function warnOfSilence(silent: Unanswered): void {
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
