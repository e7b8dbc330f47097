import type { Client } from '@temporalio/client';
import { getCase, type CaseRecord, type Step } from '../kit/client';
import { didYouMean } from '../service/did-you-mean';
import { Problem } from '../service/problem';
import type { Person } from './person';
import { asks } from './rules';

type Task = Pick<Step, 'id' | 'name' | 'role' | 'candidates' | 'by'>;

/**
 * The id of the task that somebody decides, who is asked by it. The workflow holds who is a candidate; that somebody has the
 * role of a task without candidates is held here alone, of the very task that the case says is open, whatever the view knows.
 * So is what a name means: the view may still show as open the task of that name before it.
 * @throws Problem 404 `no-such-task`, 403 `not-a-candidate`; as `getCase` does
 */
export async function taskThatAsks(client: Client, known: CaseRecord, task: string, person: Person): Promise<string> {
  const seen = known.waitingFor.find(({ id }) => id === task);
  if (seen?.candidates) return seen.id;
  const record = await getCase(client, known.caseId);
  const found = openTask(record, task) ?? endedTask(record, task);
  if (!found) throw noSuchTask(record, task);
  if (asks(found, person) || found.by === person.id) return found.id;
  const message = `"${found.name}" asks ${found.role ?? 'others'}, not "${person.id}"`;
  const errors = [{ field: 'by', value: person.id, message }];
  throw new Problem(403, 'not-a-candidate', `by: ${message}`, { errors });
}

function noSuchTask({ caseId, waitingFor }: CaseRecord, task: string): Problem {
  const names = waitingFor.map(({ name }) => name);
  const hint = didYouMean(task, names) || (names.length > 0 ? `; open now: ${names.join(', ')}` : '.');
  return new Problem(404, 'no-such-task', `Case ${caseId} has no open task "${task}"${hint}`);
}

function openTask({ waitingFor }: CaseRecord, task: string): Task | undefined {
  return waitingFor.find(({ id }) => id === task) ?? waitingFor.find(({ name }) => name === task);
}

/** One that was decided before, of which the workflow tells by whom. */
function endedTask({ steps }: CaseRecord, task: string): Task | undefined {
  const tasks = steps.filter(({ kind }) => kind === 'task');
  return tasks.find(({ id }) => id === task) ?? tasks.findLast(({ name }) => name === task);
}
