import type { CaseRecord, Incident, OpenTask, StepStatus } from '../../kit/contract';
import type { FoundCase } from '../../kit/client';
import type { Sms } from '../../platform/messages';
import { colorOf, incidentLines, silenceWords, statusWords, waitsFor, waitsForInShort } from './case';
import { exampleWords, resolveCommand, taskCommand } from './next';
import { columns, plain, type Style } from './style';
import { ago, duration, moment } from './time';

/** Cases one a line: id, status, what is done, what each waits for and since when. */
export function renderCases(found: readonly FoundCase[], style: Style): string {
  if (found.length === 0) return 'No cases.';
  const rows = found.map((one) => (one.answered ? caseCells(one.record, style) : unansweredCells(one, style)));
  return columns(rows, ['case', 'status', 'done', 'now', 'started'].map(style.colors.dim));
}

const endedWell: StepStatus[] = ['done', 'skipped', 'replaced', 'compensated'];

function caseCells(record: CaseRecord, style: Style): string[] {
  const done = record.steps.filter(({ status }) => endedWell.includes(status)).length;
  return [
    plain(record.caseId),
    statusWords(record, style),
    `${done} of ${record.steps.length}`,
    nowWords(record, style),
    ago(record.startedAt, style),
  ];
}

function unansweredCells(one: FoundCase & { answered: false }, style: Style): string[] {
  const { caseId, status, startedAt } = one.record;
  return [plain(caseId), colorOf(status, style)(status), '?', situation(one, style), ago(startedAt, style)];
}

/** As {@link nowWords}; of a case that does not answer, why. */
export function situation(one: FoundCase, style: Style): string {
  if (one.answered) return nowWords(one.record, style);
  const { process, taskQueue } = one.record;
  const of = one.why === 'not recorded' ? `${plain(process)}: ` : '';
  return of + silenceWords({ why: one.why, taskQueue });
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

/** Incidents, each with how it is resolved. */
export function renderIncidents(incidents: readonly IncidentOfCase[], style: Style): string {
  if (incidents.length === 0) return 'No incidents.';
  return incidents
    .map((incident) => {
      const [headline, ...why] = incidentLines(incident, style);
      return [
        `${style.colors.bold(plain(incident.caseId))}  ${headline ?? ''}`,
        ...why,
        `    ${style.colors.cyan(resolveCommand(incident.caseId, incident, style))}`,
      ].join('\n');
    })
    .join('\n');
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
