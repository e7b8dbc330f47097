import type { CaseRecord } from '../../../src/kit/contract';
import { leftOf } from '../../../src/maps/replay';
import type { Block, Handler } from '../../../src/maps/process-map';
import { atOnce, caseOf, inTurn, type Told } from './cases';
import {
  attempt,
  background,
  choice,
  exit,
  forEach,
  handler,
  helper,
  loop,
  mapOf,
  nothing,
  ofType,
  parallel,
  sequence,
  step,
  unknown,
  wait,
} from './maps';

interface Example {
  given: string;
  body: Block;
  handlers?: Handler[];
  done?: Told[];
  record?: Partial<CaseRecord>;
  certain?: string[];
  possible?: string[];
}

const examples: Example[] = [
  { given: 'a sequence not begun', body: sequence('A', 'B'), certain: ['A', 'B'] },
  { given: 'a step that runs', body: sequence('A', 'B', 'C'), done: inTurn('A', 'B?'), certain: ['C'] },
  {
    given: 'a choice ahead',
    body: sequence('A', choice(sequence('B', 'D'), sequence('C')), 'E'),
    done: inTurn('A'),
    certain: ['E'],
    possible: ['B', 'D', 'C'],
  },
  {
    given: 'a refusal ahead, which is no good end',
    body: sequence('A', choice(exit('throw'), nothing()), 'B'),
    done: inTurn('A'),
    certain: ['B'],
  },
  {
    given: 'an early return ahead',
    body: sequence('A', choice(exit('return'), nothing()), 'B'),
    done: inTurn('A'),
    possible: ['B'],
  },
  {
    given: 'a return that ends a helper alone',
    body: sequence('A', helper(sequence(choice(exit('return'), nothing()), 'B')), 'C'),
    done: inTurn('A'),
    certain: ['C'],
    possible: ['B'],
  },
  {
    given: 'branches beside each other',
    body: sequence(parallel('all', sequence('A', 'B'), sequence('C', 'D')), 'E'),
    done: atOnce('A'),
    certain: ['B', 'C', 'D', 'E'],
  },
  {
    given: 'a race',
    body: sequence(parallel('race', sequence('A', 'B'), sequence('C', 'D')), 'E'),
    done: atOnce('A?', 'C?'),
    certain: ['E'],
    possible: ['B', 'D'],
  },
  {
    given: 'a list',
    body: sequence(forEach('all', sequence('A', 'B')), 'C'),
    certain: ['C'],
    possible: ['A', 'B'],
  },
  {
    given: 'a list under way',
    body: sequence(forEach('all', sequence('A', 'B')), 'C'),
    done: atOnce('A', 'A?'),
    certain: ['B', 'C'],
    possible: ['A'],
  },
  {
    given: 'a round of a loop',
    body: sequence(loop(sequence('A', 'B')), 'C'),
    done: inTurn('A'),
    certain: ['B', 'C'],
    possible: ['A'],
  },
  {
    given: 'a loop that goes round at least once',
    body: sequence(loop('A', { once: true }), 'B'),
    certain: ['A', 'B'],
  },
  {
    given: 'a loop that ends by an exit',
    body: sequence(loop(sequence('A', choice(exit('break', 'L'), 'B')), { id: 'L', forever: true }), 'C'),
    done: inTurn('A', 'B'),
    certain: ['A', 'C'],
    possible: ['B'],
  },
  {
    given: 'a loop that never ends',
    body: loop(sequence('A', 'B'), { forever: true }),
    done: inTurn('A', 'B'),
    certain: ['A', 'B'],
  },
  {
    given: 'a failure that would be handled',
    body: sequence(attempt('A', { handler: 'H', finalizer: 'F' }), 'B'),
    done: inTurn('A?'),
    certain: ['F', 'B'],
    possible: ['H'],
  },
  {
    given: 'a failure under way to its handler',
    body: sequence(attempt('A', { handler: sequence('H', exit('throw')), finalizer: 'F' }), 'B'),
    done: inTurn('A!'),
    certain: ['H', 'F'],
  },
  {
    given: 'an attempt that has gone well',
    body: sequence(attempt('A', { handler: 'H' }), 'B'),
    done: inTurn('A'),
    certain: ['B'],
  },
  {
    given: 'work that will begin in the background',
    body: sequence('A', background(sequence('B', 'C')), 'D'),
    done: inTurn('A'),
    certain: ['B', 'D'],
    possible: ['C'],
  },
  {
    given: 'a message that may come, and alerts',
    body: sequence('A', 'B'),
    handlers: [handler('update', 'add', 'X'), handler('alert', 'raise', 'sms'), handler('query', 'q', nothing())],
    done: inTurn('A'),
    certain: ['B'],
    possible: ['X', 'sms'],
  },
  {
    given: 'a wait now and one later',
    body: sequence('A', wait('now'), 'B', wait('later')),
    done: inTurn('A'),
    certain: ['B', 'later'],
  },
  {
    given: 'a task that tells',
    body: sequence(ofType('task', 'T', { tells: step('sms') }), 'B'),
    done: inTurn('task:T?'),
    certain: ['B'],
    possible: ['sms'],
  },
  {
    given: 'a task that told',
    body: sequence(ofType('task', 'T', { tells: step('sms') }), 'B'),
    done: inTurn('task:T'),
    certain: ['B'],
  },
  {
    given: 'what the source does not tell',
    body: sequence(unknown(), 'B'),
    possible: ['B'],
  },
  {
    given: 'a case that may be continued as new',
    body: sequence('A', choice(exit('continueAsNew'), nothing())),
    done: inTurn('A?'),
    possible: ['A'],
  },
  {
    given: 'a case that is asked to stop',
    body: sequence('A', 'B'),
    done: inTurn('A?'),
    record: { cancellation: 'no longer wanted' },
    possible: ['B'],
  },
  { given: 'a case that has ended', body: sequence('A', 'B'), done: inTurn('A!'), record: { status: 'failed' } },
];

test.each(examples)('$given', ({ body, handlers, done = [], record, certain = [], possible = [] }) => {
  const left = leftOf(mapOf(body, handlers), caseOf('running', done, record));

  expect(left.unknown).toBeUndefined();
  expect(left.certain.map(({ ids }) => ids)).toEqual(certain.map((id) => [id]));
  expect(left.possible.map(({ ids }) => ids)).toEqual(possible.map((id) => [id]));
});

test('given one operation in two branches of which one has begun, then one of the two is left', () => {
  const call = (id: string) => step(id, { name: 'credit', system: 'bank' });
  const body = parallel('all', sequence(call('first'), 'A'), sequence(call('second'), 'B'));

  const { certain, possible } = leftOf(mapOf(body), caseOf('running', inTurn('credit?')));

  expect(certain).toEqual([
    { ids: ['first', 'second'], name: 'credit', label: 'first', type: 'call', system: 'bank' },
    expect.objectContaining({ ids: ['A'] }),
    expect.objectContaining({ ids: ['B'] }),
  ]);
  expect(possible).toEqual([]);
});

test('given a case that does not fit, then nothing is told, and why', () => {
  expect(leftOf(mapOf(sequence('A')), caseOf('running', inTurn('X')))).toEqual({
    certain: [],
    possible: [],
    unknown: 'X/1 (call) may not begin here: on its map comes A',
  });
});
