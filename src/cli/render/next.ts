import type { CaseRecord, CaseStatus, Incident, OpenTask } from '../../kit/contract';
import { processNames } from '../process-names';
import { plain, type Style } from './style';

type Place = Pick<Style, 'dataDir'>;

/** The command that brings a case on, ready to type; undefined for one that has ended well. */
export function nextCommand(
  record: Pick<CaseRecord, 'process' | 'caseId' | 'status' | 'incidents' | 'waitingFor'>,
  place: Place,
): string | undefined {
  const [incident] = record.incidents;
  if (incident) return resolveCommand(record.caseId, incident, place);
  const [task] = record.waitingFor;
  if (task) return taskCommand(record.caseId, task, place);
  return nextCommandByStatus(record, place);
}

/** As {@link nextCommand} for a case of which only the status is known. A process of another program is not ours to restart. */
export function nextCommandByStatus(
  { process, caseId, status }: { process: string; caseId: string; status: CaseStatus },
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
      return processNames().includes(process) ? command(['restart', caseId, '--by', 'you'], place) : undefined;
    case 'completed':
      return undefined;
  }
}

/**
 * How a task is decided: by the first who may, with the first decision it takes; or how its case is cancelled when nobody
 * may decide.
 */
export function taskCommand(caseId: string, task: OpenTask, place: Place): string {
  if (isForNobody(task)) return command(['cancel', caseId, '--reason', nobodyIsLeft, '--by', 'you'], place);
  const by = whoMay(task)?.[0] ?? 'you';
  const data = task.form ? ['--data', '@data.json'] : [];
  return command(['decide', caseId, referenceTo(task), task.decisions[0] ?? '', ...data, '--by', by], place);
}

export const nobodyIsLeft = 'nobody is left who may decide';

export function isForNobody(task: OpenTask): boolean {
  return whoMay(task)?.length === 0;
}

function whoMay({ candidates, excluded = [] }: OpenTask): string[] | undefined {
  return candidates?.filter((person) => !excluded.includes(person));
}

/** What a task's data may look like, in words; empty when its form gives no example. */
export function exampleWords({ form }: OpenTask): string[] {
  const examples: unknown = form && 'examples' in form ? form.examples : undefined;
  if (!Array.isArray(examples) || examples.length === 0) return [];
  return [`data.json, for example: ${plain(JSON.stringify(examples[0]))}`];
}

/** The word that means this task and no earlier one: its name when it is the first of its name, else its id. */
export function referenceTo({ id, name }: OpenTask): string {
  return id === `${name}/1` ? name : id;
}

export function resolveCommand(caseId: string, { step }: Pick<Incident, 'step'>, place: Place): string {
  return command(['resolve', caseId, step, 'retry', '--reason', 'why', '--by', 'you'], place);
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
