import type { CaseRecord, CaseStatus, Incident, OpenTask, Step, StepStatus } from '../../kit/contract';
import type { ServerRecord } from '../../kit/client';
import { nextCommand, nextCommandByStatus } from './next';
import { columns, plain, type Style } from './style';
import { ago, due, duration, moment, since } from './time';
import { fields } from './values';

/** Where a case is: its state, what it waits for, what is done, and what to type next. */
export function renderCase(record: CaseRecord, style: Style): string {
  const next = nextCommand(record);
  return [
    `${style.colors.bold(plain(record.caseId))}  ${statusWords(record, style)}`,
    '',
    ...record.incidents.flatMap((incident) => [...incidentLines(incident, style), '']),
    ...record.waitingFor.flatMap((task) => [...taskLines(task, style), '']),
    ...(record.failure ? [`failed with ${failureWords(record.failure)}`, ''] : []),
    columns(factsOf(record, style)),
    '',
    renderSteps(record.steps, style),
    ...(record.stepsNotRecorded ? [`and ${record.stepsNotRecorded} steps more`] : []),
    ...(next === undefined ? [] : ['', `next: ${style.colors.cyan(next)}`]),
  ].join('\n');
}

/** What is known of a case that no worker answers for. */
export function renderUnanswered(record: ServerRecord, style: Style): string {
  return [
    `${style.colors.bold(plain(record.caseId))}  ${colorOf(record.status, style)(record.status)}, as the server says`,
    '',
    style.colors.yellow(
      'No worker answers for this case, so its steps are not known. Start one: npx whereabouts worker',
    ),
    '',
    columns(factsOf(record, style)),
    ...[nextCommandByStatus(record)].flatMap((next) => (next === undefined ? [] : ['', `next: ${next}`])),
  ].join('\n');
}

function factsOf({ process, keys, startedAt, endedAt, restart }: CaseRecord | ServerRecord, style: Style): string[][] {
  return [
    ['process', plain(process)],
    ['keys', keys.map(plain).join(', ')],
    ['started', ago(startedAt, style)],
    ...(endedAt === undefined ? [] : [['ended', ago(endedAt, style)]]),
    ...(restart > 0 ? [['restarts', String(restart)]] : []),
  ];
}

/** `waiting`, `completed: paid`. */
export function statusWords({ status, outcome }: Pick<CaseRecord, 'status' | 'outcome'>, style: Style): string {
  const words = outcome === undefined ? status : `${status}: ${plain(outcome)}`;
  return colorOf(status, style)(words);
}

/** `waits for: Approve bonus, by manager E-1003, since 2 h (...), due in 3 d (...)`. */
export function waitsFor(task: OpenTask, style: Style): string {
  const { title, role, candidates, dueAt, escalated } = task;
  const who = [plain(role), ...(candidates ?? []).map(plain)].join(' ');
  const parts = [
    plain(title),
    `by ${who}`,
    since(task.since, style),
    ...(dueAt === undefined ? [] : [due(dueAt, style)]),
  ];
  return `waits for: ${parts.join(', ')}${escalated ? ', escalated' : ''}`;
}

function taskLines(task: OpenTask, style: Style): string[] {
  const shows = typeof task.shows === 'object' && task.shows !== null ? fields(task.shows, '    ') : [];
  const excluded = task.excluded?.length ? [`    not by: ${task.excluded.map(plain).join(', ')}`] : [];
  return [
    style.colors.yellow(waitsFor(task, style)),
    `    task: ${plain(task.name)}; decisions: ${task.decisions.map(plain).join(', ')}`,
    ...excluded,
    ...shows,
  ];
}

/** What failed and is parked, and why. */
export function incidentLines(incident: Incident, style: Style): string[] {
  const { title, step, error, retries } = incident;
  const tried = retries > 0 ? `, tried again ${retries} times` : '';
  return [
    style.colors.red(`failed: ${plain(title)} (${plain(step)}), ${since(incident.since, style)}${tried}`),
    `    ${failureWords(error)}`,
  ];
}

function failureWords({ type, message }: { type: string; message: string }): string {
  return `${plain(type)}: ${plain(message)}`;
}

/** All steps in order, one a line. */
export function renderSteps(steps: readonly Step[], style: Style): string {
  return columns(steps.map((step) => stepCells(step, style)));
}

/** One step: mark, time, name, how it went. */
export function stepCells(step: Step, style: Style): string[] {
  const took = step.endedAt === undefined ? '' : duration(Date.parse(step.endedAt) - Date.parse(step.startedAt));
  return [
    `${colorOfStep(step.status, style)(marks[step.status])} ${moment(step.startedAt, style)}`,
    plain(step.id),
    colorOfStep(step.status, style)(step.status),
    took,
    stepDetails(step),
  ];
}

function stepDetails({ by, decision, comment, result, error, refusals = [] }: Step): string {
  const parts = [
    decision === undefined ? '' : plain(decision),
    by === undefined ? '' : `by ${plain(by)}`,
    comment === undefined ? '' : `"${plain(comment)}"`,
    error ? failureWords(error) : decision === undefined && result !== undefined ? plain(result) : '',
    ...refusals.map(
      (refusal) => `refused: ${plain(refusal.decision)} by ${plain(refusal.by)}, ${plain(refusal.reason)}`,
    ),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

const marks: Record<StepStatus, string> = {
  open: '…',
  parked: '!',
  done: '✓',
  failed: '✗',
  skipped: '-',
  replaced: '✓',
  cancelled: '-',
  compensated: '↩',
};

function colorOfStep(status: StepStatus, { colors }: Style): (text: string) => string {
  if (status === 'done' || status === 'replaced') return colors.green;
  if (status === 'parked' || status === 'failed') return colors.red;
  return status === 'open' ? colors.yellow : colors.dim;
}

export function colorOf(status: CaseStatus, { colors }: Style): (text: string) => string {
  switch (status) {
    case 'completed':
      return colors.green;
    case 'incident':
    case 'failed':
      return colors.red;
    case 'waiting':
      return colors.yellow;
    case 'running':
      return colors.cyan;
    case 'cancelled':
    case 'terminated':
      return colors.dim;
  }
}
