import { statesOf } from '../../../src/maps/replay';
import { caseOf, inTurn, type Told } from './cases';
import { choice, mapOf, ofType, parallel, sequence, wait } from './maps';

const map = mapOf(sequence('A', choice('B', 'C'), parallel('all', 'D', ofType('task', 'T')), wait('message'), 'E'));

const states = (steps: Told[]) => Object.fromEntries(statesOf(map, caseOf('running', steps)));

test('given steps of all kinds of states, then their blocks are so, and what was passed by is absent', () => {
  expect(states(inTurn('A', 'B', 'D?', 'task:T?'))).toEqual({
    A: 'done',
    B: 'done',
    D: 'running',
    T: 'waiting',
    message: 'left',
    E: 'left',
  });
});

test('given a message is awaited, then the wait for it is waiting', () => {
  expect(states(inTurn('A', 'C', 'D', 'task:T'))).toMatchObject({ message: 'waiting', E: 'left' });
});

test('given a step that failed, then its block has', () => {
  expect(statesOf(map, caseOf('failed', inTurn('A!'))).get('A')).toBe('failed');
});

test('given steps passed over by an operator, parked or given up', () => {
  const at = { from: 0, to: 1 };
  const skipped = { name: 'A', status: 'skipped' as const, ...at };
  expect(states([skipped, { name: 'B', status: 'parked', from: 1 }])).toMatchObject({ A: 'skipped', B: 'failed' });
  expect(statesOf(map, caseOf('cancelled', inTurn('A~'))).get('A')).toBe('skipped');
});

test('given a case that does not fit, then it has no states', () => {
  expect(states(inTurn('X'))).toEqual({});
});
