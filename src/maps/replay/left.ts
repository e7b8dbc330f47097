import type { CaseRecord } from '../../kit/contract';
import type { Block, ProcessMap, StepBlock, StepType } from '../process-map';
import { blocksOf } from './anatomy';
import { Certain } from './certain';
import { fits } from './fits';
import { common, union, without, type Ids } from './ids';
import { Possible } from './possible';
import type { Position } from './position';
import type { Replay } from './replay';

/** A step that has not begun. */
export interface LeftStep {
  /** Ids of blocks; several when it is one of them. */
  ids: string[];
  name?: string;
  label: string;
  type: StepType;
  system?: string;
  role?: string;
}

/** Steps in the order of the map. */
export interface Left {
  /** What comes in any case as long as nothing fails. */
  certain: LeftStep[];
  /** What may come besides, where something fails as well. */
  possible: LeftStep[];
  /** Why nothing can be told. */
  unknown?: string;
}

/** What is left of a case by its map. What has begun is not left, nor what is awaited now; of an ended case nothing is. */
export function leftOf(map: ProcessMap, record: CaseRecord): Left {
  if (hasEnded(record)) return { certain: [], possible: [] };
  const fit = fits(map, record);
  if (fit.fits !== true) return { certain: [], possible: [], unknown: fit.message };
  const steps = stepsOf(map);
  const certain = isBeingCancelled(record) ? [] : certainAt(fit.replay, fit.positions, steps);
  const ids = new Set(certain.flatMap((step) => step.ids));
  const possible = without(possibleAt(fit.replay, fit.positions), ids);
  return { certain, possible: steps.filter(({ id }) => possible.has(id)).map((step) => leftStep(step, [step.id])) };
}

function hasEnded({ status }: CaseRecord): boolean {
  return status !== 'running' && status !== 'waiting' && status !== 'incident';
}

/** A case that is asked to stop does nothing for certain. */
function isBeingCancelled({ cancellation }: CaseRecord): boolean {
  return cancellation !== undefined;
}

function certainAt(replay: Replay, positions: readonly Position[], steps: readonly StepBlock[]): LeftStep[] {
  const certain = new Certain(replay.terms);
  const each = positions.map((position) => without(certain.of(position.main), awaitedAt(replay, position)));
  const inAll = common(each);
  const oneOf = oneOfEach(
    each.map((ids) => without(ids, inAll)),
    steps,
  );
  const single = steps.filter(({ id }) => inAll.has(id)).map((step) => leftStep(step, [step.id]));
  const order = new Map(steps.map(({ id }, index) => [id, index]));
  return [...single, ...oneOf].toSorted((one, other) => placeOf(one, order) - placeOf(other, order));
}

/** What comes in any position under one name, but by another block in each: one of these blocks. */
function oneOfEach(positions: readonly Ids[], steps: readonly StepBlock[]): LeftStep[] {
  const named = alikeOf(steps);
  return [...named.values()].flatMap((alike) => {
    const counts = positions.map((ids) => alike.filter(({ id }) => ids.has(id)).length);
    const candidates = alike.filter(({ id }) => positions.some((ids) => ids.has(id)));
    const [first] = candidates;
    if (!first?.name) return [];
    const entry = leftStep(
      first,
      candidates.map(({ id }) => id),
    );
    return Array.from({ length: Math.min(...counts) }, () => entry);
  });
}

function possibleAt(replay: Replay, positions: readonly Position[]): Ids {
  const possible = new Possible(replay.terms);
  const fresh = (block: Block) => possible.of(replay.terms.fresh(block));
  const byMessages = replay.map.handlers.filter(({ type }) => type !== 'query').map(({ body }) => fresh(body));
  const ofEach = positions.map((position) => {
    const terms = [position.main, ...position.threads];
    const anew = terms.some((term) => possible.mayContinueAsNew(term)) ? fresh(replay.map.body) : new Set<string>();
    const ids = union([...terms.map((term) => possible.of(term)), anew]);
    return without(ids, awaitedAt(replay, position));
  });
  return union([...byMessages, ...ofEach]);
}

function awaitedAt(replay: Replay, position: Position): Ids {
  return new Set(replay.awaited(position).map(({ id }) => id));
}

function stepsOf(map: ProcessMap): StepBlock[] {
  return blocksOf(map).filter((block) => block.kind === 'step');
}

function placeOf({ ids }: LeftStep, order: ReadonlyMap<string, number>): number {
  return Math.min(...ids.map((id) => order.get(id) ?? Infinity));
}

function leftStep({ name, label, type, system, role }: StepBlock, ids: string[]): LeftStep {
  return {
    ids,
    ...(name !== undefined && { name }),
    label,
    type,
    ...(system !== undefined && { system }),
    ...(role !== undefined && { role }),
  };
}

/** Steps of one type and name together. */
function alikeOf(steps: readonly StepBlock[]): Map<string, StepBlock[]> {
  const alike = new Map<string, StepBlock[]>();
  for (const step of steps) {
    const key = `${step.type} ${step.name}`;
    alike.set(key, [...(alike.get(key) ?? []), step]);
  }
  return alike;
}
