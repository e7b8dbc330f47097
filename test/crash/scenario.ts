import fc from 'fast-check';
import { parts, type Part } from './installation';

/** What happens in a run; the same seed is the same scenario. */
export interface Scenario {
  seed: number;
  /** The last one is left open: it waits for its last approval, or for somebody to resolve the call that failed. */
  cases: CasePlan[];
  kills: Kill[];
}

/** What becomes of one salary. */
export interface CasePlan {
  base: 'known' | 'missing';
  bonus: 'none' | 'within limit' | 'over limit';
  manager: 'approves' | 'rejects' | 'rejects, then approves';
  /** Everybody who approves waits for the reminder first. */
  reminded: boolean;
  /** How decisions and resolutions reach the case; `ahead`: signalled before anybody is asked. */
  tells: 'update' | 'signal' | 'ahead';
  trouble?: Trouble;
  leftOpen?: true;
}

/** What a system does to a case. */
export interface Trouble {
  operation: Operation;
  /** `refuses`: 503 twice; `loses its answer` and `breaks off`: after the commit; `fails`: for good, until resolved. */
  kind: 'refuses' | 'loses its answer' | 'breaks off' | 'fails';
  resolution: 'retry' | 'skip' | 'replace' | 'fail';
}

/** Operations of the systems by their `operationId`, in the order in which a case may call them. */
export const systemOf = {
  getEmployee: 'accounting',
  calculateBase: 'accounting',
  recordBaseData: 'accounting',
  calculateBonus: 'bonus',
  recalculateBonus: 'bonus',
  bookSalary: 'payroll',
  raiseAlert: 'notifications',
  clearAlert: 'notifications',
  sendSms: 'notifications',
} as const satisfies Record<string, Part>;

export type Operation = keyof typeof systemOf;

export interface Kill {
  victims: readonly Part[];
  moment: Moment;
  /** Milliseconds until the victims are started again. */
  downFor: number;
}

/**
 * The step boundary at which the victims are killed: while the operation is called for a case, just before it does
 * anything or when its effect is committed and not yet answered; when a case's history has so many events; or when the
 * SMS provider has taken the run's first SMS and not yet answered.
 */
export type Moment =
  | { at: 'call'; case: number; operation: Operation; timing: 'before' | 'after' }
  | { at: 'history'; case: number; events: number }
  | { at: 'sms' };

const victims: readonly (readonly Part[])[] = [...parts.map((part) => [part]), parts];

/** The first kill of eight seeds in a row is of each part once, and of everything. */
export function scenarioOf(seed: number): Scenario {
  const [scenario] = fc.sample(scenarios(seed), { seed, numRuns: 1 });
  if (!scenario) throw new Error(`there is no scenario ${seed}`);
  return scenario;
}

type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

function scenarios(seed: number): fc.Arbitrary<Scenario> {
  return fc.gen().map((generate) => {
    const draw: Draw = (arbitrary) => generate(() => arbitrary);
    const cases = Array.from({ length: draw(fc.constantFrom(2, 3, 4)) }, () => drawCase(draw));
    const first = victims[seed % victims.length] ?? parts;
    const kills = [drawKill(draw, cases, first)];
    if (draw(fc.boolean())) kills.push(drawKill(draw, cases, draw(fc.constantFrom(...victims))));
    return { seed, cases: [...cases, drawLeftOpen(draw)], kills };
  });
}

function drawCase(draw: Draw): CasePlan {
  const bonus = draw(fc.constantFrom('none', 'within limit', 'within limit', 'over limit'));
  const reminded = bonus !== 'none' && draw(fc.constantFrom(true, false, false, false));
  const plan: CasePlan = {
    base: draw(fc.constantFrom('known', 'known', 'missing')),
    bonus,
    manager: draw(fc.constantFrom('approves', 'approves', 'rejects', 'rejects, then approves')),
    reminded,
    tells: draw(fc.constantFrom('update', 'signal', ...(reminded ? [] : (['ahead'] as const)))),
  };
  return draw(fc.boolean()) ? { ...plan, trouble: drawTrouble(draw, plan) } : plan;
}

/** A case without reminders: nothing happens in it while it waits. */
function drawLeftOpen(draw: Draw): CasePlan {
  const plan: CasePlan = {
    base: draw(fc.constantFrom('known', 'missing')),
    bonus: draw(fc.constantFrom('within limit', 'over limit')),
    manager: 'approves',
    reminded: false,
    tells: draw(fc.constantFrom('update', 'signal')),
    leftOpen: true,
  };
  const operation = draw(fc.constantFrom('getEmployee', 'calculateBase', 'calculateBonus'));
  return draw(fc.boolean()) ? { ...plan, trouble: { operation, kind: 'fails', resolution: 'retry' } } : plan;
}

function drawTrouble(draw: Draw, plan: CasePlan): Trouble {
  const operation = draw(fc.constantFrom(...operationsOf(plan).filter((name) => systemOf[name] !== 'notifications')));
  const kind = draw(fc.constantFrom('refuses', 'loses its answer', 'breaks off', 'fails', 'fails'));
  const resolution =
    operation === 'calculateBonus' && plan.bonus !== 'none'
      ? draw(fc.constantFrom('retry', 'skip', 'replace', 'fail'))
      : draw(fc.constantFrom('retry', 'retry', 'fail'));
  return { operation, kind, resolution };
}

/** The operations that a case certainly carries out. */
function operationsOf({ base, bonus, manager, reminded, trouble }: CasePlan): Operation[] {
  const parked = trouble?.kind === 'fails' ? trouble : undefined;
  const alerts: Operation[] = parked ? ['raiseAlert', 'clearAlert'] : [];
  if (parked?.resolution === 'fail') return alerts;
  const asked = bonus !== 'none' && parked?.resolution !== 'skip';
  return [
    'getEmployee',
    'calculateBase',
    ...(base === 'missing' ? (['recordBaseData'] as const) : []),
    ...(parked?.resolution === 'skip' || parked?.resolution === 'replace' ? [] : (['calculateBonus'] as const)),
    ...(asked && reminded ? (['sendSms'] as const) : []),
    ...(asked && manager === 'rejects, then approves' ? (['recalculateBonus'] as const) : []),
    'bookSalary',
    ...alerts,
  ];
}

function drawKill(draw: Draw, cases: CasePlan[], killed: readonly Part[]): Kill {
  const downFor = draw(fc.constantFrom(0, 300, 1_000));
  const texts = cases.some((plan) => operationsOf(plan).some((name) => systemOf[name] === 'notifications'));
  const matters = killed.includes('notifications') || killed.includes('postgres');
  if (texts && matters && draw(fc.constantFrom(true, false, false))) {
    return { victims: killed, moment: { at: 'sms' }, downFor };
  }
  const chosen = draw(fc.nat({ max: cases.length - 1 }));
  const moment: Moment =
    draw(fc.constantFrom('call', 'call', 'history')) === 'call'
      ? {
          at: 'call',
          case: chosen,
          operation: draw(fc.constantFrom(...operationsOf(cases[chosen] as CasePlan))),
          timing: draw(fc.constantFrom('before', 'after')),
        }
      : { at: 'history', case: chosen, events: draw(fc.integer({ min: 3, max: 14 })) };
  return { victims: killed, moment, downFor };
}
