import type { Step, StepStatus } from '../../kit/contract';
import type { Handler, StepBlock } from '../process-map';

/** How a step ended: `either` may have come back with an answer, or thrown, or never come back. */
export type Ending = 'done' | 'failed' | 'either';

/** All that matters of a recorded step once it has begun: steps of one fate are one to a replay. */
export interface Fate {
  id: number;
  ending?: Ending;
  /** Milliseconds since 1970; Infinity for a step that has not ended. */
  endedAt: number;
}

/** The start of a step, which is what a replay observes. */
export interface Observation {
  /** Absent where it is only asked which blocks could begin. */
  step?: Pick<Step, 'kind' | 'name'>;
  fate: Fate;
  matches(block: StepBlock): boolean;
}

const endings: Record<StepStatus, Ending | undefined> = {
  open: undefined,
  parked: undefined,
  done: 'done',
  skipped: 'done',
  replaced: 'done',
  compensated: 'done',
  failed: 'failed',
  cancelled: 'either',
};

/** The starts of the steps of a record, each with its time, which never goes back. */
export function observations(steps: readonly Step[]): { at: number; observation: Observation }[] {
  const fates = new Map<string, Fate>();
  let at = -Infinity;
  return steps.map((step) => {
    at = Math.max(at, Date.parse(step.startedAt));
    const ending = endings[step.status];
    const endedAt = ending ? Math.max(at, Date.parse(step.endedAt ?? step.startedAt)) : Infinity;
    const key = `${ending} ${endedAt}`;
    const fate = fates.get(key) ?? { id: fates.size, ...(ending && { ending }), endedAt };
    fates.set(key, fate);
    return { at, observation: { step, fate, matches: (block) => isStepOf(block, step) } };
  });
}

/** Whether the block may have begun the step. */
function isStepOf(block: StepBlock, { kind, name }: Pick<Step, 'kind' | 'name'>): boolean {
  switch (block.type) {
    case 'timer':
    case 'wait':
      return kind === 'timer' && name === 'timer' && isRecorded(block);
    case 'call':
    case 'nexus':
    case 'signal':
      return kind === 'call' && isNamed(block, name);
    case 'compensation':
      return (kind === 'compensation' || kind === 'call') && isNamed(block, name);
    case 'alert':
    case 'child':
    case 'task':
    case 'event':
      return kind === block.type && isNamed(block, name);
  }
}

/** A wait leaves a step on a record only where it has a time-out. */
export function isRecorded({ type, dueIn }: StepBlock): boolean {
  return type !== 'wait' || dueIn !== undefined;
}

/** Whether the step is a message that the handler takes. */
export function isMessageOf(handler: Handler, { kind, name }: Pick<Step, 'kind' | 'name'>): boolean {
  const takesMessages = handler.type === 'signal' || handler.type === 'update';
  return takesMessages && kind === 'event' && isNamed(handler, name);
}

function isNamed({ name: known }: { name?: string }, name: string): boolean {
  return known === undefined || known === name;
}
