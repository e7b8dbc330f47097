import type { CaseRecord, CaseStatus, Incident, OpenTask } from '../../kit/contract';
import { plain, type Style } from './style';

type Place = Pick<Style, 'dataDir'>;

/** The command that brings a case on, ready to type; undefined for one that has ended well. */
export function nextCommand(
  record: Pick<CaseRecord, 'caseId' | 'status' | 'incidents' | 'waitingFor'>,
  place: Place,
): string | undefined {
  const [incident] = record.incidents;
  if (incident) return resolveCommand(record.caseId, incident, place);
  const [task] = record.waitingFor;
  if (task) return decideCommand(record.caseId, task, place);
  return nextCommandByStatus(record, place);
}

/** As {@link nextCommand} for a case of which only the status is known. */
export function nextCommandByStatus(
  { caseId, status }: { caseId: string; status: CaseStatus },
  place: Place,
): string | undefined {
  switch (status) {
    case 'running':
    case 'waiting':
    case 'incident':
      return command(['watch', caseId], place);
    case 'failed':
    case 'cancelled':
    case 'terminated':
      return command(['restart', caseId, '--by', 'you'], place);
    case 'completed':
      return undefined;
  }
}

/** How a task is decided: by the first who may, with the first decision it takes. */
export function decideCommand(caseId: string, task: OpenTask, place: Place): string {
  const by = task.candidates?.find((person) => !task.excluded?.includes(person)) ?? 'you';
  const data = task.form ? ['--data', exampleOf(task.form) ?? '@data.json'] : [];
  return command(['decide', caseId, referenceTo(task), task.decisions[0] ?? '', ...data, '--by', by], place);
}

/** The word that means this task and no earlier one: its name when it is the first of its name, else its id. */
export function referenceTo({ id, name }: OpenTask): string {
  return id === `${name}/1` ? name : id;
}

export function resolveCommand(caseId: string, { step }: Pick<Incident, 'step'>, place: Place): string {
  return command(['resolve', caseId, step, 'retry', '--reason', 'why', '--by', 'you'], place);
}

function exampleOf(form: object): string | undefined {
  const examples: unknown = 'examples' in form ? form.examples : undefined;
  return Array.isArray(examples) && examples.length > 0 ? JSON.stringify(examples[0]) : undefined;
}

/** A whereabouts command as one types it in a shell. */
export function command(words: string[], { dataDir }: Place): string {
  const place = dataDir === undefined ? [] : ['--data-dir', dataDir];
  return ['npx', 'whereabouts', ...[...words, ...place].map(quoted)].join(' ');
}

function quoted(word: string): string {
  const text = plain(word);
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
