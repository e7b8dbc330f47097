import fc from 'fast-check';
import {
  clear,
  noAlert,
  passTime,
  raise,
  type AlertDecision,
  type AlertSms,
  type SubjectState,
} from '../../../src/systems/notifications/domain';

const windowInMinutes = 10;
const start = Date.UTC(2026, 10, 2);
const at = (minute: number) => new Date(start + minute * 60_000).toISOString();

const subject = fc.integer({ min: 0, max: 2 });
const happening = fc.oneof(
  fc.record({ type: fc.constant('raise' as const), subject }),
  fc.record({ type: fc.constant('clear' as const), subject }),
  fc.record({ type: fc.constant('minutes' as const), minutes: fc.integer({ min: 1, max: 25 }) }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** What a recipient would have seen, and what was open at each SMS by a plain list of subjects. */
function play(happenings: Happening[]) {
  let state = noAlert;
  let minute = 0;
  const open = new Map<number, { told: boolean; since: number }>();
  let silentUntil = 0;
  const sent: { sms: AlertSms; minute: number; openThen: number; newThen: number }[] = [];

  const take = ({ state: next, sms }: AlertDecision) => {
    state = next;
    if (sms === undefined) return;
    const newThen = [...open.values()].filter(({ told }) => !told).length;
    sent.push({ sms, minute, openThen: open.size, newThen });
    for (const known of open.values()) known.told = true;
    if (sms.kind === 'alert') silentUntil = minute + windowInMinutes;
  };
  const stateOf = (subject: number): SubjectState => {
    const found = open.get(subject);
    if (found === undefined) return 'well';
    return found.told ? 'told' : 'untold';
  };

  for (const now of happenings) {
    if (now.type === 'minutes') {
      // The window's end is seen in the minute it falls into, as the job would see it.
      for (const end = minute + now.minutes; minute < end;) {
        minute += 1;
        take(passTime(state, { windowInMinutes, now: at(minute) }));
      }
    } else if (now.type === 'raise') {
      const subject = stateOf(now.subject);
      if (subject === 'well' || minute >= silentUntil) open.set(now.subject, { told: false, since: minute });
      take(raise(state, { subject, windowInMinutes, now: at(minute) }));
    } else {
      const subject = stateOf(now.subject);
      open.delete(now.subject);
      take(clear(state, subject));
    }
    expect(state).toMatchObject({ open: open.size, untold: [...open.values()].filter(({ told }) => !told).length });
  }
  return { sent, open, minute };
}

const runs = fc.array(happening, { maxLength: 60 });
const numRuns = 500;

describe('alerts over any sequence of raising, clearing and time passing', () => {
  test('at most one alert is sent in a window', () => {
    fc.assert(
      fc.property(runs, (happenings) => {
        const alerts = play(happenings).sent.filter(({ sms }) => sms.kind === 'alert');
        const gaps = alerts.slice(1).map(({ minute }, i) => minute - (alerts[i]?.minute ?? 0));
        expect(gaps.filter((gap) => gap < windowInMinutes)).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('an alert counts what is open and what is new', () => {
    fc.assert(
      fc.property(runs, (happenings) => {
        for (const { sms, openThen, newThen } of play(happenings).sent) {
          if (sms.kind === 'alert') expect(sms).toEqual({ kind: 'alert', cases: openThen, newCases: newThen });
          else expect(openThen).toBe(0);
        }
      }),
      { numRuns },
    );
  });

  test('each alert is followed by exactly one all-clear, as soon as nothing is open', () => {
    fc.assert(
      fc.property(runs, (happenings) => {
        const { sent, open } = play(happenings);
        const kinds = sent.map(({ sms }) => sms.kind);
        expect(kinds.filter((kind, i) => kind === 'all-clear' && kinds[i - 1] !== 'alert')).toEqual([]);
        if (open.size === 0) expect(kinds.at(-1)).not.toBe('alert');
      }),
      { numRuns },
    );
  });

  test('nothing that stays open is kept from the recipient beyond the window', () => {
    fc.assert(
      fc.property(runs, (happenings) => {
        const { open, minute } = play(happenings);
        const kept = [...open.values()].filter(({ told, since }) => !told && minute - since >= windowInMinutes);
        expect(kept).toEqual([]);
      }),
      { numRuns },
    );
  });
});
