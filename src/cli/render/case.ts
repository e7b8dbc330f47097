import type { CaseRecord, CaseStatus, Incident, OpenTask, Step, StepStatus } from '../../kit/contract';
import type { TemporalAddress } from '../../platform/addresses';
import type { Age, Estimate, Forecast, Found, Left, Whereabouts } from '../cases';
import { exampleWords, isForNobody, nextCommand, nextCommandByStatus, nobodyIsLeft, referenceTo } from './next';
import { columns, plain, type Style } from './style';
import { ago, due, dueWords, duration, moment, since } from './time';
import { fields, resultWords } from './values';

/** Where a case is: its state, what it waits for, what is done, and what to type next. */
export function renderWhereabouts(found: Whereabouts, temporal: TemporalAddress | undefined, style: Style): string {
  const next = found.answered === false ? nextCommandByStatus(found, style) : nextCommand(found, style);
  const { colors } = style;
  return [
    `${colors.bold(plain(found.caseId))}  ${statusWords(found, style)}`,
    '',
    ...(found.answered === false ? [colors.yellow(silenceLine(found)), ''] : situationLines(found, style)),
    ...('retrying' in found ? found.retrying.map((call) => colors.yellow(retryingWords(call))) : []),
    ...('watch' in found ? found.watch.flatMap((one) => [...foundLines(one, style), '']) : []),
    columns(factsOf(found, temporal, style)),
    ...(found.answered === false ? [] : ['', renderSteps(found.steps, style)]),
    ...('stepsNotRecorded' in found && found.stepsNotRecorded ? [`and ${found.stepsNotRecorded} steps more`] : []),
    ...(next === undefined ? [] : ['', `next: ${colors.cyan(next)}`]),
  ].join('\n');
}

type Quiet = Pick<Whereabouts & { answered: false }, 'why' | 'taskQueue'>;

function silenceLine(silent: Quiet): string {
  return `The case does not answer, so its steps are not known and the status is the server's: ${silenceWords(silent)}.`;
}

/** Why a case does not say where it is, and what would mend it. */
export function silenceWords({ why, taskQueue }: Quiet): string {
  switch (why) {
    case 'no answer':
      return `no worker answers on the task queue ${plain(taskQueue)}`;
    case 'code fails':
      return 'its workflow code fails; the Temporal UI shows the error';
    case 'not recorded':
      return 'its worker runs without the plugin';
    case 'encrypted':
      return 'what it says is encrypted, which only a client with the codec of its worker can read';
  }
}

function situationLines({ incidents, waitingFor, failure }: CaseRecord, style: Style): string[] {
  return [
    ...incidents.flatMap((incident) => [...incidentLines(incident, style), '']),
    ...waitingFor.flatMap((task) => [...taskLines(task, style), '']),
    ...(failure ? [style.colors.red(`failed with ${failureWords(failure)}`), ''] : []),
  ];
}

function retryingWords({
  activity,
  attempt,
  lastError,
}: (Whereabouts & { answered: true })['retrying'][number]): string {
  return `tried again: ${plain(activity)}, attempt ${attempt}${lastError === undefined ? '' : `, because ${plain(lastError)}`}`;
}

/** What the watch found that the case cannot say of itself, and why. */
function foundLines({ kind, about, error, attempts, since: from }: Found, style: Style): string[] {
  const what = about === undefined ? kind : `${kind}: ${plain(about)}`;
  return [
    style.colors.yellow(`${what}, ${since(from, style)}${attemptWords(attempts)}`),
    ...(error ? [`    ${failureWords(error)}`] : []),
  ];
}

export function attemptWords(attempts: number | undefined): string {
  return attempts === undefined ? '' : `, attempt ${attempts}`;
}

/** What comes as long as nothing fails, and what may come besides. */
function leftFacts({ certain, possible, unknown }: Left): string[][] {
  if (unknown !== undefined) return [['to come', `not known: ${plain(unknown)}`]];
  return [
    ['to come', certain.length > 0 ? certain.map(leftWords).join(', ') : 'nothing for certain'],
    ...(possible.length > 0 ? [['may come', possible.map(leftWords).join(', ')]] : []),
  ];
}

/** `to come: Approve bonus (manager), Book the salary (payroll)`. */
export function leftInShort({ certain }: Left): string {
  return `to come: ${certain.map(leftWords).join(', ')}`;
}

/** `Approve bonus (manager)`, `Book the salary (payroll)`. */
function leftWords({ label, role, system }: Left['certain'][number]): string {
  const who = role ?? system;
  return who === undefined ? plain(label) : `${plain(label)} (${plain(who)})`;
}

/** When the case will probably end, and its steps, and what the time of earlier runs went into. */
function forecastFacts({ end, steps, usual }: Forecast, style: Style): string[][] {
  return [
    ...(end ? [['left', estimateWords(end, style)]] : []),
    ...Object.entries(steps).map(([id, estimate]) => ['', `${plain(id)}: ${estimateWords(estimate, style)}`]),
    ...(usual ? [['usually', usualWords(usual)]] : []),
  ];
}

/** `2 h, as half of 214 earlier runs; nine in ten 3 d`. */
function estimateWords({ runs, p50, p90 }: Estimate, { now }: Style): string {
  const left = (iso: string) => duration(Date.parse(iso) - now.getTime());
  return `${left(p50)}, as half of ${runs} earlier runs; nine in ten ${left(p90)}`;
}

function usualWords({ people, retries, systems, queue }: NonNullable<Forecast['usual']>): string {
  const parts = { people, systems, retries, 'worker and events': queue };
  return Object.entries(parts)
    .filter(([, milliseconds]) => milliseconds > 0)
    .map(([name, milliseconds]) => `${name} ${duration(milliseconds)}`)
    .join(', ');
}

function factsOf(found: Whereabouts, temporal: TemporalAddress | undefined, style: Style): string[][] {
  const { process, caseId, keys, startedAt, endedAt, restart } = found;
  return [
    ['process', plain(process)],
    ...(keys.length > 0 ? [['keys', keys.map(plain).join(', ')]] : []),
    ['started', ago(startedAt, style)],
    ...(endedAt === undefined ? [] : [['ended', ago(endedAt, style)]]),
    ...('cancellation' in found && found.cancellation !== undefined
      ? [['cancel', `by ${plain(found.cancellation)}`]]
      : []),
    ...(restart > 0 ? [['restarts', String(restart)]] : []),
    ...('resetAt' in found ? [['reset', ago(found.resetAt, style)]] : []),
    ...('left' in found && found.left ? leftFacts(found.left) : []),
    ...('forecast' in found && found.forecast ? forecastFacts(found.forecast, style) : []),
    ...(found.answered === undefined && !isOfNow(found, style) ? [['as of', ageWords(found, style)]] : []),
    ...(temporal?.ui === undefined
      ? []
      : [['Temporal UI', `${temporal.ui}/namespaces/${temporal.namespace}/workflows/${encodeURIComponent(caseId)}`]]),
  ];
}

/** What the central view knows is older than this when it is told how old it is, in milliseconds. */
const young = 5_000;

/** Whether the case itself said so just now, or at its end. */
function isOfNow({ asOf, confirmed, partial, endedAt }: Age & { endedAt?: string }, { now }: Style): boolean {
  return confirmed && !partial && (endedAt !== undefined || now.getTime() - Date.parse(asOf) <= young);
}

/** `2026-11-21 12:30:05, as its worker told; there may be steps that are not known`. */
function ageWords({ asOf, confirmed, partial }: Age, style: Style): string {
  const told = confirmed ? '' : ', as its worker told';
  return `${moment(asOf, style)}${told}${partial ? '; there may be steps that are not known' : ''}`;
}

/** `waiting`, `completed: paid`. */
export function statusWords({ status, outcome }: { status: CaseStatus; outcome?: string }, style: Style): string {
  const words = outcome === undefined ? status : `${status}: ${plain(outcome)}`;
  return colorOf(status, style)(words);
}

/** `waits for: Approve bonus, by manager E-1003, since 2 h (...), due in 3 d (...)`. */
export function waitsFor(task: OpenTask, style: Style): string {
  return `waits for: ${taskWords(task, since(task.since, style), task.dueAt && due(task.dueAt, style))}`;
}

/** As {@link waitsFor}, with lengths of time alone. */
export function waitsForInShort(task: OpenTask, { now }: Style): string {
  const lasts = `since ${duration(now.getTime() - Date.parse(task.since))}`;
  return `waits for: ${taskWords(task, lasts, task.dueAt && dueWords(task.dueAt, now))}`;
}

function taskWords(task: OpenTask, lasts: string, dueAt: string | undefined): string {
  const { title, role, candidates = [], escalated } = task;
  const who = isForNobody(task) ? nobodyIsLeft : `by ${[role, ...candidates].map(plain).join(' ')}`;
  return [plain(title), who, lasts, ...(dueAt ? [dueAt] : []), ...(escalated ? ['escalated'] : [])].join(', ');
}

function taskLines(task: OpenTask, style: Style): string[] {
  const shows = typeof task.shows === 'object' && task.shows !== null ? fields(task.shows, '    ') : [];
  const excluded = task.excluded?.length ? [`    not by: ${task.excluded.map(plain).join(', ')}`] : [];
  return [
    style.colors.yellow(waitsFor(task, style)),
    `    task: ${plain(referenceTo(task))}; decisions: ${task.decisions.map(plain).join(', ')}`,
    ...exampleWords(task).map((words) => `    ${words}`),
    ...excluded,
    ...shows,
  ];
}

/** What failed and is parked, and why. */
export function incidentLines(incident: Incident, style: Style): string[] {
  const { title, step, error, retries } = incident;
  const tried = retries > 0 ? `, tried again ${retries === 1 ? 'once' : `${retries} times`}` : '';
  return [
    style.colors.red(`failed: ${plain(title)} (${plain(step)}), ${since(incident.since, style)}${tried}`),
    `    ${failureWords(error)}`,
  ];
}

export function failureWords({ type, message }: { type: string; message: string }): string {
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

function stepDetails({ by, decision, comment, result, error, refusals = [], resolutions = [] }: Step): string {
  const parts = [
    ...resolutions.map(({ action, by: operator, reason }) => `${action} by ${plain(operator)}: ${plain(reason)};`),
    decision === undefined ? '' : plain(decision),
    by === undefined || resolutions.length > 0 ? '' : `by ${plain(by)}`,
    comment === undefined ? '' : `"${plain(comment)}"`,
    error ? failureWords(error) : decision === undefined && result !== undefined ? resultWords(result) : '',
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
