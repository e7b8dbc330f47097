import {
  alertText,
  clear,
  maxAlertTextLength,
  noAlert,
  passTime,
  raise,
  type AlertState,
  type SubjectState,
} from '../../../src/systems/notifications/domain';

const windowInMinutes = 15;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 2, 8, minute)).toISOString();
const raised = (state: AlertState, minute: number, subject: SubjectState = 'well') =>
  raise(state, { subject, windowInMinutes, now: at(minute) });

describe('an alert', () => {
  test('given nothing is known of the cause, when a case is raised, then it is told at once and a window begins', () => {
    expect(raised(noAlert, 0)).toEqual({
      state: { open: 1, untold: 0, alerted: true, windowEndsAt: at(15) },
      sms: { kind: 'alert', cases: 1, newCases: 1 },
    });
  });

  test('given a window lasts, when more cases are raised, then they are counted and told in one SMS when it ends', () => {
    const first = raised(noAlert, 0).state;
    const second = raised(first, 1);
    const third = raised(second.state, 2);

    expect(second.sms).toBeUndefined();
    expect(third.sms).toBeUndefined();
    expect(passTime(third.state, { windowInMinutes, now: at(14) }).sms).toBeUndefined();
    expect(passTime(third.state, { windowInMinutes, now: at(15) })).toEqual({
      state: { open: 3, untold: 0, alerted: true, windowEndsAt: at(30) },
      sms: { kind: 'alert', cases: 3, newCases: 2 },
    });
  });

  test('given nothing new came in the window, when it ends, then there is no SMS', () => {
    const { state } = raised(noAlert, 0);

    expect(passTime(state, { windowInMinutes, now: at(15) })).toEqual({ state });
  });

  test('given a case was told, when it is raised again in the window, then it counts once', () => {
    const { state } = raised(noAlert, 0);

    expect(raised(state, 1, 'told')).toEqual({ state });
    expect(raised(state, 14, 'told')).toEqual({ state });
  });

  test('given a case was told, when it is raised again after the window, then it is news and a new window begins', () => {
    const { state } = raised(noAlert, 0);

    expect(raised(state, 15, 'told')).toEqual({
      state: { open: 1, untold: 0, alerted: true, windowEndsAt: at(30) },
      sms: { kind: 'alert', cases: 1, newCases: 1 },
    });
  });

  test('given a case was counted but not told, when it is raised again after the window, then it is told once', () => {
    const state = raised(raised(noAlert, 0).state, 1).state;

    expect(raised(state, 16, 'untold').sms).toEqual({ kind: 'alert', cases: 2, newCases: 1 });
  });

  test('given the window is over and was not summed up yet, when a case is raised, then it is told with those before', () => {
    const state = raised(raised(noAlert, 0).state, 1).state;

    expect(raised(state, 16).sms).toEqual({ kind: 'alert', cases: 3, newCases: 2 });
  });

  test('given two cases are open, when one is cleared, then nothing is sent; when the other is, then the all-clear', () => {
    const state = raised(raised(noAlert, 0).state, 1).state;
    const one = clear(state, 'told');
    const none = clear(one.state, 'untold');

    expect(one.sms).toBeUndefined();
    expect(none).toEqual({
      state: { open: 0, untold: 0, alerted: false, windowEndsAt: at(15) },
      sms: { kind: 'all-clear' },
    });
  });

  test('given nothing is known of a case, when it is cleared, then nothing happens', () => {
    expect(clear(noAlert, 'well')).toEqual({ state: noAlert });
  });

  test('given the all-clear was sent, when a case is raised in the same window, then it is told when the window ends', () => {
    const { state } = raised(clear(raised(noAlert, 0).state, 'told').state, 1);

    expect(state).toEqual({ open: 1, untold: 1, alerted: false, windowEndsAt: at(15) });
    expect(passTime(state, { windowInMinutes, now: at(15) }).sms).toEqual({ kind: 'alert', cases: 1, newCases: 1 });
  });

  test('given a case flaps within the window, when it is raised and cleared again and again, then one alert and one all-clear', () => {
    let state = noAlert;
    const sent = [];
    for (let minute = 0; minute < 14; minute += 2) {
      const up = raised(state, minute);
      const down = clear(up.state, up.state.untold === 0 ? 'told' : 'untold');
      sent.push(up.sms, down.sms);
      state = down.state;
    }

    expect(sent.filter((sms) => sms !== undefined)).toEqual([
      { kind: 'alert', cases: 1, newCases: 1 },
      { kind: 'all-clear' },
    ]);
    expect(passTime(state, { windowInMinutes, now: at(15) }).sms).toBeUndefined();
  });
});

describe('the text of an alert', () => {
  const cause = 'salary: bonus.calculateBonus failed (ServiceUnavailable)';
  const text = 'salary-E-1006-2026-11: npx whereabouts incidents';

  test('about one case says what to do', () => {
    expect(
      alertText({ kind: 'alert', cases: 1, newCases: 1 }, { cause, subjects: ['salary-E-1006-2026-11'], text }),
    ).toBe(
      'Whereabouts: salary: bonus.calculateBonus failed (ServiceUnavailable), 1 case. salary-E-1006-2026-11: npx whereabouts incidents',
    );
  });

  test('about several names them', () => {
    const subjects = ['salary-E-1007-2026-11', 'salary-E-1008-2026-11', 'salary-E-1006-2026-11'];

    expect(alertText({ kind: 'alert', cases: 3, newCases: 2 }, { cause, subjects, text })).toBe(
      'Whereabouts: salary: bonus.calculateBonus failed (ServiceUnavailable), 3 cases (2 new): ' +
        'salary-E-1007-2026-11, salary-E-1008-2026-11, salary-E-1006-2026-11',
    );
  });

  test('about very many names as many as fit and counts the rest', () => {
    const subjects = Array.from({ length: 20 }, (_, i) => `salary-E-${1001 + i}-2026-11`);

    const said = alertText({ kind: 'alert', cases: 500, newCases: 500 }, { cause, subjects, text });

    expect(said.length).toBeLessThanOrEqual(maxAlertTextLength);
    expect(said).toMatch(/, 500 cases: salary-E-1001-2026-11, .* and 49\d more$/);
  });

  test('of an all-clear says which cause is over', () => {
    expect(alertText({ kind: 'all-clear' }, { cause, subjects: [], text: '' })).toBe(
      `Whereabouts: all clear: ${cause}`,
    );
  });

  test.each(['Gehälter für Zoë – läuft nicht 🙈', 'two\nlines', 'x'.repeat(2000)])(
    'is short and ASCII: %s',
    (words) => {
      for (const cases of [1, 2]) {
        const said = alertText(
          { kind: 'alert', cases, newCases: cases },
          { cause: words, subjects: [words], text: words },
        );
        expect(said).toMatch(/^[\x20-\x7e]*$/);
        expect(said.length).toBeLessThanOrEqual(maxAlertTextLength);
      }
    },
  );
});
