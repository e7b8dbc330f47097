import type { CaseRecord } from '../../../src/kit/contract';
import { takenPaths } from '../../../src/maps/replay';
import type { Block, Handler } from '../../../src/maps/process-map';
import { caseOf, inTurn } from './cases';
import { attempt, choice, exit, handler, helper, loop, mapOf, nothing, sequence, wait } from './maps';

function notTaken(body: Block, records: CaseRecord[], handlers?: Handler[]): string[] {
  return takenPaths(mapOf(body, handlers), records).notTaken.map(({ label }) => label);
}

const completed = (...steps: string[]) => caseOf('completed', inTurn(...steps));

test('given no run, then no path is taken', () => {
  expect(takenPaths(mapOf(sequence('A', 'B')), [])).toEqual({
    taken: 0,
    all: 2,
    mayBeTaken: [],
    notTaken: [
      { id: 'A', label: 'A' },
      { id: 'B', label: 'B' },
    ],
  });
});

test('given runs by different branches, then all that any of them took is taken', () => {
  const body = sequence(choice('A', 'B', 'C'), 'D');
  expect(notTaken(body, [completed('A', 'D')])).toEqual(['which: 1', 'which: 2']);
  expect(notTaken(body, [completed('A', 'D'), completed('C', 'D')])).toEqual(['which: 1']);
});

test('given branches without a step, then what followed tells which was taken', () => {
  const body = sequence(helper(sequence(choice(exit('return'), nothing()), 'A')), 'B');
  expect(notTaken(body, [completed('A', 'B')])).toEqual(['which: 0']);
  expect(notTaken(body, [completed('B')])).toEqual(['which: 1', 'A']);
});

test('given branches that nothing tells apart, then each may be taken, and none surely is', () => {
  const body = sequence('A', choice(nothing(), nothing()));
  const { taken, mayBeTaken, notTaken: none } = takenPaths(mapOf(body), [completed('A')]);
  expect([taken, mayBeTaken.map(({ label }) => label), none]).toEqual([1, ['which: 0', 'which: 1'], []]);
});

test('given a loop, then whether it went round is told', () => {
  const body = sequence(loop('A'), 'B');
  expect(notTaken(body, [completed('B')])).toEqual(['again: gone round', 'A']);
  expect(notTaken(body, [completed('A', 'B')])).toEqual(['again: passed by']);
});

test('given a loop that goes round in any case, then whether it did again is told', () => {
  const body = sequence(loop('A', { once: true }), 'B');
  expect(notTaken(body, [completed('A', 'B')])).toEqual(['again: again']);
  expect(notTaken(body, [completed('A', 'A', 'B')])).toEqual([]);
});

test('given a handler of failures without a step, then it is taken where a step failed', () => {
  const body = sequence(attempt('A', { handler: nothing() }), 'B');
  expect(notTaken(body, [completed('A', 'B')])).toEqual(['a failure is handled']);
  expect(notTaken(body, [completed('A!', 'B')])).toEqual([]);
});

test('given messages, then their handlers are taken, and a wait is once it was passed', () => {
  const body = sequence('A', wait('message'));
  const handlers = [handler('signal', 'add', nothing()), handler('query', 'state', nothing())];
  expect(notTaken(body, [caseOf('running', inTurn('A'))], handlers)).toEqual(['message', 'add']);
  expect(notTaken(body, [completed('A', 'event:add')], handlers)).toEqual([]);
});

test('given a run that does not fit, then it took no path', () => {
  expect(notTaken(sequence('A'), [completed('A', 'X')])).toEqual(['A']);
});
