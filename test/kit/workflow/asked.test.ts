import fc from 'fast-check';
import { firstAsked, isNobody } from '../../../src/kit/workflow/asked';

const board = { role: 'board', candidates: ['dora', 'otto'] };

test('given candidates, then those are asked who are not excluded', () => {
  expect(firstAsked({ role: 'manager', candidates: ['anna', 'bert'], escalateTo: board }, ['anna'])).toEqual({
    role: 'manager',
    candidates: ['bert'],
    escalated: false,
  });
});

test('given a role without candidates, then anybody in it is asked', () => {
  expect(firstAsked({ role: 'manager', escalateTo: board }, ['anna'])).toEqual({ role: 'manager', escalated: false });
});

test('given everybody is excluded, then whom it is escalated to is asked', () => {
  expect(firstAsked({ role: 'manager', candidates: ['anna'], escalateTo: board }, ['anna', 'otto'])).toEqual({
    role: 'board',
    candidates: ['dora'],
    escalated: true,
  });
});

test('given nobody is left anywhere, then nobody is asked, and it stays with the role', () => {
  expect(firstAsked({ role: 'manager', candidates: [], escalateTo: board }, board.candidates)).toEqual({
    role: 'manager',
    candidates: [],
    escalated: false,
  });
});

/** Few, so that the same person is often in several groups. */
const person = fc.integer({ min: 1, max: 6 }).map((number) => `E-${number}`);
const persons = fc.uniqueArray(person, { maxLength: 4 });
const group = fc.record({ role: fc.string({ minLength: 1 }), candidates: persons });

test('nobody who is excluded is ever asked, and nobody is asked only where nobody is left', () => {
  fc.assert(
    fc.property(group, group, persons, (first, escalateTo, excluded) => {
      const asked = firstAsked({ ...first, escalateTo }, excluded);
      const allowed = [first, escalateTo].map(({ candidates }) => candidates.filter((one) => !excluded.includes(one)));
      expect(asked.candidates).toEqual(allowed.find(({ length }) => length > 0) ?? []);
      expect(isNobody(asked)).toBe(allowed.every(({ length }) => length === 0));
    }),
  );
});
