import type { Incident, OpenTask } from '../../kit/client';
import { Problem } from '../../service/problem';
import type { CaseSearch } from '../../view/fitting';
import type { ListedCase } from '../../view/search';
import type { Person } from '../person';
import { asks, mayOn } from '../rules';
import type { Act } from './requests';
import type { Shown } from './tables';

/** What would be acted on in a case, or why not. */
export interface FoundItem {
  step?: string;
  shown: Shown;
  problem?: Problem;
}

/** What an act on many cases is in this one, for somebody: one item, or one for each task or parked step that is meant. */
export function itemsOf(
  act: Act,
  search: CaseSearch,
  { record, currentSteps }: Pick<ListedCase, 'record' | 'currentSteps'>,
  person: Person,
): FoundItem[] {
  const { caseId, restart, waitingFor, incidents } = record;
  const items = found();
  if (mayOn(person, act.action, { ...record, steps: currentSteps })) return items;
  const problem = new Problem(403, 'not-allowed', `${person.id} may not ${act.action} the case ${caseId}.`);
  return items.map((item) => ({ ...item, problem }));

  function found(): FoundItem[] {
    if (act.action === 'cancel') return [{ shown: { restart } }];
    if (act.action === 'decide') {
      const tasks = waitingFor.filter(({ name }) => name === act.task);
      if (tasks.length > 0) return tasks.map((task) => ofTask(task, act.decision));
      return [none(new Problem(404, 'no-such-task', `Case ${caseId} has no open task ${act.task}.`))];
    }
    const parked = incidents.filter((incident) => isMeant(incident, search));
    if (parked.length > 0) return parked.map(({ step, retries }) => ({ step, shown: { restart, retries } }));
    return [none(new Problem(409, 'not-parked', `Case ${caseId} has no parked step that is meant.`))];
  }

  function ofTask(task: OpenTask, decision: string): FoundItem {
    const { id, shownHash } = task;
    const problem = whyNot(task, decision, person);
    return { step: id, shown: { restart, ...(shownHash !== undefined && { shownHash }) }, ...(problem && { problem }) };
  }

  function none(problem: Problem): FoundItem {
    return { shown: { restart }, problem };
  }
}

function isMeant({ name, system }: Incident, wanted: CaseSearch): boolean {
  return (
    (wanted.step === undefined || wanted.step === name) &&
    (wanted.system === undefined || wanted.system === system) &&
    (wanted.systems === undefined || (system !== undefined && wanted.systems.includes(system)))
  );
}

/** As far as it can be foreseen; the workflow has the last word. */
function whyNot(task: OpenTask, decision: string, person: Person): Problem | undefined {
  const { name, excluded = [], decisions } = task;
  if (excluded.some((one) => one.toLowerCase() === person.id.toLowerCase())) {
    return new Problem(403, 'excluded', `by: "${person.id}" must not decide "${name}" (four eyes)`);
  }
  if (!asks(task, person)) return new Problem(403, 'not-a-candidate', `by: "${name}" does not ask "${person.id}"`);
  if (decisions.includes(decision)) return undefined;
  const detail = `decision: "${decision}" is none of ${decisions.join(', ')}`;
  return new Problem(422, 'unknown-decision', detail);
}
