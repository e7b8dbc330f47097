import { fits, leftOf } from '../../../src/maps/replay';
import { caseOf, inTurn, type Told } from './cases';
import { choice, forEach, handler, loop, mapOf, nothing, parallel, sequence, step } from './maps';

/** Thirty calls begun at once; when each ends. */
function thirty(name: string, from: number, endOf: (index: number) => number): Told[] {
  return Array.from({ length: 30 }, (_, index) => ({ name, from, to: endOf(index) }));
}

const inOrder = (from: number) => (index: number) => from + index;
const shuffled = (from: number) => (index: number) => from + ((index * 7) % 30);
const last: Told = { name: 'D', from: 200, to: 201 };

test('given thirty of a list beside each other, then their case fits, and one less does not', () => {
  const map = mapOf(sequence(forEach('all', sequence('A', 'B')), 'D'));
  const first = thirty('A', 0, inOrder(1));
  const second = thirty('B', 40, shuffled(50));

  expect(fits(map, caseOf('completed', [...first, ...second, last]))).toMatchObject({ fits: true });
  expect(fits(map, caseOf('completed', [...first, ...second.slice(1), last]))).toMatchObject({ fits: false });
});

test('given two hundred rounds of a loop, then their case fits', () => {
  const map = mapOf(sequence(loop(sequence('A', choice('B', 'C'))), 'D'));
  const rounds = Array.from({ length: 200 }, (_, round) => ['A', round % 3 === 0 ? 'B' : 'C']).flat();

  expect(fits(map, caseOf('completed', inTurn(...rounds, 'D')))).toMatchObject({ fits: true });
  expect(fits(map, caseOf('completed', inTurn(...rounds, 'C', 'D')))).toMatchObject({ fits: false });
});

test('given two hundred messages, then their case fits', () => {
  const map = mapOf(sequence('A', 'D'), [handler('signal', 'add', sequence(choice('B', nothing()), 'C'))]);
  const messages = Array.from({ length: 200 }, () => ['event:add', 'C']).flat();

  expect(fits(map, caseOf('completed', inTurn('A', ...messages, 'D')))).toMatchObject({ fits: true });
});

test('given a list whose steps belong together in too many ways, then it is replayed coarsely', () => {
  const map = mapOf(sequence('S', forEach('all', sequence(parallel('all', 'A', 'B'), 'C')), 'D', 'E'));
  const begun = [...inTurn('S'), ...thirty('A', 1, inOrder(2)), ...thirty('B', 1, shuffled(10))];
  const record = caseOf('running', [...begun, ...thirty('C', 60, inOrder(70)), last]);

  expect(fits(map, record)).toMatchObject({ fits: true });
  expect(leftOf(map, record)).toMatchObject({
    certain: [{ ids: ['E'] }],
    possible: [{ ids: ['A'] }, { ids: ['B'] }, { ids: ['C'] }],
  });
  expect(fits(map, caseOf('completed', [...begun, last]))).toMatchObject({ fits: false });
});

test('given one operation in too many branches, then it cannot be told', () => {
  const branches = Array.from({ length: 9 }, (_, branch) => step(`${branch}`, { name: 'A' }));
  const calls = thirty('A', 0, inOrder(1)).slice(0, 9);

  expect(fits(mapOf(parallel('all', ...branches)), caseOf('running', calls))).toMatchObject({
    fits: 'unknown',
    message: expect.stringContaining('too many possible positions'),
  });
});
