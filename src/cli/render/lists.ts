import type { CaseRecord, Incident, OpenTask, StepStatus } from '../../kit/contract';
import type { FoundCase, Silence } from '../../kit/client';
import type { FoundOfAll, ListedCase } from '../cases';
import type { Sms } from '../../platform/messages';
import {
  attemptWords,
  colorOf,
  failureWords,
  incidentLines,
  silenceWords,
  statusWords,
  waitsFor,
  waitsForInShort,
} from './case';
import { exampleWords, resolveCommand, taskCommand } from './next';
import { columns, plain, type Style } from './style';
import { ago, duration, moment, since } from './time';

/** Cases one a line: id, status, what is done, what each waits for and since when. */
export function renderCases(found: readonly ListedCase[], style: Style): string {
  if (found.length === 0) return 'No cases.';
  return columns(
    found.map((one) => caseCells(one, style)),
    ['case', 'status', 'done', 'to come', 'now', 'started'].map(style.colors.dim),
  );
}

const endedWell: StepStatus[] = ['done', 'skipped', 'replaced', 'compensated'];

function caseCells(one: ListedCase, style: Style): string[] {
  return [
    plain(one.caseId),
    one.answered === false ? colorOf(one.status, style)(one.status) : statusWords(one, style),
    doneCell(one),
    toComeCell(one),
    nowCell(one, style),
    ago(one.startedAt, style),
  ];
}

function doneCell(one: ListedCase): string {
  if (one.answered === undefined) return `${one.stepsDone} of ${one.stepsRecorded}`;
  if (!one.answered) return '?';
  return `${one.steps.filter(({ status }) => endedWell.includes(status)).length} of ${one.steps.length}`;
}

/** How many steps are certain to come, and how many may come besides: `1 + 3`. */
function toComeCell(one: ListedCase): string {
  if (!('left' in one) || one.left === undefined) return '';
  const { certain, possible, unknown } = one.left;
  if (unknown !== undefined) return '?';
  return possible.length > 0 ? `${certain.length} + ${possible.length}` : String(certain.length);
}

function nowCell(one: ListedCase, style: Style): string {
  if (one.answered === undefined) return nowWords({ ...one, steps: one.currentSteps }, style);
  return one.answered ? nowWords(one, style) : silentWords(one);
}

/** As {@link nowWords}; of a case that does not answer, why. */
export function situation(one: FoundCase, style: Style): string {
  return one.answered ? nowWords(one.record, style) : silentWords({ why: one.why, ...one.record });
}

function silentWords({ process, why, taskQueue }: { process: string; why: Silence; taskQueue: string }): string {
  const of = why === 'not recorded' ? `${plain(process)}: ` : '';
  return of + silenceWords({ why, taskQueue });
}

/** What a case is at, in short: its incident, its first task, else the steps open. */
export function nowWords(
  { incidents, waitingFor, steps }: Pick<CaseRecord, 'incidents' | 'waitingFor' | 'steps'>,
  style: Style,
): string {
  const [incident] = incidents;
  if (incident) return `failed: ${plain(incident.title)}, ${lasts(incident.since, style)}`;
  const [task] = waitingFor;
  if (task) return waitsForInShort(task, style);
  const open = steps.filter(({ endedAt }) => endedAt === undefined);
  return open.map(({ title, startedAt }) => `${plain(title)}, ${lasts(startedAt, style)}`).join('; ');
}

function lasts(iso: string, { now }: Style): string {
  return `since ${duration(now.getTime() - Date.parse(iso))}`;
}

export type TaskOfCase = OpenTask & { caseId: string };

/** Tasks, of one role or of all, each with what to type about it. */
export function renderTasks(tasks: readonly TaskOfCase[], role: string | undefined, style: Style): string {
  if (tasks.length === 0) {
    return role === undefined ? 'No tasks wait for anybody.' : `No task waits for the role ${plain(role)}.`;
  }
  return tasks
    .map((task) =>
      [
        `${style.colors.bold(plain(task.caseId))}  ${waitsFor(task, style)}`,
        `    ${style.colors.cyan(taskCommand(task.caseId, task, style))}`,
        ...exampleWords(task).map((words) => `    ${words}`),
      ].join('\n'),
    )
    .join('\n');
}

export type IncidentOfCase = Incident & { caseId: string };

/** Incidents, each with how it is resolved; then what the watch found. */
export function renderIncidents(
  incidents: readonly IncidentOfCase[],
  watch: readonly FoundOfAll[],
  style: Style,
): string {
  if (incidents.length + watch.length === 0) return 'No incidents.';
  const parked = incidents.map((incident) => {
    const [headline, ...why] = incidentLines(incident, style);
    return [
      `${style.colors.bold(plain(incident.caseId))}  ${headline ?? ''}`,
      ...why,
      `    ${style.colors.cyan(resolveCommand(incident.caseId, incident, style))}`,
    ].join('\n');
  });
  return [...parked, ...watch.map((found) => foundOfAllLines(found, style).join('\n'))].join('\n');
}

function foundOfAllLines({ cause, cases, caseIds, error, attempts, since: from }: FoundOfAll, style: Style): string[] {
  const more = cases > caseIds.length ? ` and ${cases - caseIds.length} more` : '';
  const which = caseIds.length > 0 ? [`    cases: ${caseIds.map(plain).join(', ')}${more}`] : [];
  return [
    `${style.colors.yellow(plain(cause))}, ${since(from, style)}${attemptWords(attempts)}`,
    ...(error ? [`    ${failureWords(error)}`] : []),
    ...which,
  ];
}

/** SMS, newest first. */
export function renderMessages(messages: readonly Sms[], style: Style): string {
  if (messages.length === 0) return 'No SMS was sent.';
  const rows = messages.map(({ createdAt, recipient, status, text, lastError }) => [
    moment(createdAt, style),
    plain(recipient),
    status === 'failed' ? style.colors.red(status) : plain(status),
    `${plain(text)}${lastError === undefined ? '' : ` (${plain(lastError)})`}`,
  ]);
  return columns(rows, ['time', 'to', 'status', 'text'].map(style.colors.dim));
}
