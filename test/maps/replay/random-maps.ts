import type { Block, Join, ProcessMap } from '../../../src/maps/process-map';
import {
  attempt,
  background,
  choice,
  choiceCalled,
  exit,
  forEach,
  handler,
  helper,
  loop,
  mapOf,
  nothing,
  parallel,
  sequence,
  step,
  timer,
  unknown,
  wait,
} from './maps';
import type { Random } from './random';

/** Which exits may stand in a block: those of a branch beside others end at the branch. */
interface Within {
  depth: number;
  canReturn: boolean;
  loops: string[];
  switches: string[];
}

const joins: Join[] = ['all', 'allSettled', 'race', 'any'];
/** Few, so that the same operation is often at several places. */
const names = ['A', 'B', 'C', 'D', 'E'];

/** A map of some ten blocks. */
export function randomMap(random: Random): ProcessMap {
  let made = 0;
  const newId = (kind: string) => `${kind}-${(made += 1)}`;

  function simple(): Block {
    const name = random.oneOf(names);
    const id = newId(name);
    if (random.chance(75)) return step(id, { name, ...(random.chance(10) && { goesOnAtStart: true }) });
    if (random.chance(25)) return step(id, { name: 'T', type: 'task', tells: step(newId('tell'), { name: 'A' }) });
    return random.oneOf([
      timer(id),
      wait(id),
      wait(id, { dueIn: '1 day' }),
      step(id, { name, isLocal: true }),
      unknown(),
      nothing(),
    ]);
  }

  function exitOf({ canReturn, loops, switches }: Within): Block {
    const [inner] = loops.slice(-1);
    return random.oneOf([
      exit('throw'),
      ...(canReturn ? [exit('return')] : []),
      ...(inner ? [exit('break', inner), exit('continue', random.oneOf(loops))] : []),
      ...(switches.length > 0 ? [exit('break', random.oneOf(switches))] : []),
    ]);
  }

  function any(within: Within): Block {
    const deeper = { ...within, depth: within.depth - 1 };
    const apart: Within = { depth: deeper.depth, canReturn: false, loops: [], switches: [] };
    if (within.depth === 0 || random.chance(15)) return simple();
    const several = (inside: Within, atLeast = 1) => random.times(atLeast + random.below(2), () => any(inside));
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        return sequence(...several(deeper, 2));
      case 3:
        return parallel(random.oneOf(joins), ...several(apart, 2));
      case 4:
        return forEach(random.oneOf(joins), any(apart));
      case 5: {
        const id = newId('choice');
        const inside = { ...deeper, switches: [...within.switches, id] };
        return choiceCalled(id, ...several(inside), random.chance(60) ? exitOf(inside) : any(inside));
      }
      case 6: {
        const id = newId('loop');
        const inside = { ...deeper, loops: [...within.loops, id] };
        const body = any(inside);
        if (random.chance(40)) return loop(body, { id, ...(random.chance(50) && { once: true }) });
        return loop(sequence(body, choice(exit('break', id), nothing())), { id, forever: true });
      }
      case 7:
        return attempt(any(deeper), {
          ...(random.chance(70) && { handler: any(deeper) }),
          ...(random.chance(50) && { finalizer: any({ ...apart, depth: deeper.depth }) }),
        });
      case 8:
        return helper(sequence(choice(exit('return'), nothing()), any({ ...apart, canReturn: true })));
      default:
        return sequence(background(any(apart), random.chance(50)), any(deeper));
    }
  }

  const body = any({ depth: 3, canReturn: true, loops: [], switches: [] });
  const apart = { depth: 1, canReturn: true, loops: [], switches: [] };
  const handlers = [
    ...(random.chance(20) ? [handler('signal', 'add', any(apart))] : []),
    ...(random.chance(20) ? [handler('alert', 'raise', step('raise', { name: 'A', type: 'alert' }))] : []),
  ];
  const again = random.chance(10) ? [choice(exit('continueAsNew'), nothing())] : [];
  return mapOf(sequence(body, ...again), handlers);
}
