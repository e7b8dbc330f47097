import type { CaseStatus } from '../../../src/kit/contract';
import { fits } from '../../../src/maps/replay';
import type { Block, Handler } from '../../../src/maps/process-map';
import { atOnce, caseOf, inTurn, type Told } from './cases';
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
  ofType,
  parallel,
  sequence,
  step,
  timer,
  unknown,
  wait,
} from './maps';

interface Example {
  given: string;
  body: Block;
  handlers?: Handler[];
  takes?: [CaseStatus, Told[]][];
  refuses?: [CaseStatus, Told[]][];
}

const later = (by: number, steps: Told[]) =>
  steps.map(({ from, to, ...step }) => ({ ...step, from: from + by, ...(to !== undefined && { to: to + by }) }));

const examples: Example[] = [
  {
    given: 'a sequence',
    body: sequence('A', 'B'),
    takes: [
      ['completed', inTurn('A', 'B')],
      ['running', []],
      ['running', inTurn('A')],
      ['running', inTurn('A', 'B?')],
      ['failed', inTurn('A!')],
      ['terminated', inTurn('A')],
    ],
    refuses: [
      ['completed', inTurn('B', 'A')],
      ['completed', inTurn('A')],
      ['completed', inTurn('A', 'A', 'B')],
      ['running', inTurn('A?', 'B')],
      ['running', atOnce('A', 'B')],
      ['running', inTurn('A!', 'B')],
    ],
  },
  {
    given: 'a choice',
    body: sequence(choice('A', sequence('B', 'C'), nothing()), 'D'),
    takes: [
      ['completed', inTurn('A', 'D')],
      ['completed', inTurn('B', 'C', 'D')],
      ['completed', inTurn('D')],
    ],
    refuses: [
      ['completed', inTurn('A', 'C', 'D')],
      ['completed', inTurn('B', 'D')],
    ],
  },
  {
    given: 'all of two branches',
    body: sequence(parallel('all', sequence('A', 'B'), 'C'), 'D'),
    takes: [
      ['completed', [...atOnce('A', 'C'), ...later(2, inTurn('B', 'D'))]],
      ['running', atOnce('C?', 'A')],
      ['failed', [...atOnce('A!', 'C')]],
    ],
    refuses: [
      ['completed', [...atOnce('A', 'C'), ...later(2, inTurn('D', 'B'))]],
      ['running', [...atOnce('A', 'C?'), ...later(2, inTurn('B', 'D'))]],
    ],
  },
  {
    given: 'all of two branches of which one fails',
    body: attempt(parallel('all', sequence('A', 'B'), 'C'), { handler: 'undo' }),
    takes: [['completed', [...atOnce('A', 'C!'), ...later(2, inTurn('undo'))]]],
  },
  {
    given: 'a branch that goes on beside the handler of the failure of another',
    body: attempt(parallel('all', sequence('A', 'B'), 'C'), { handler: 'undo' }),
    takes: [
      [
        'completed',
        [
          { name: 'A', from: 0, to: 3 },
          { name: 'C', from: 0, to: 1, status: 'failed' },
          { name: 'undo', from: 1, to: 4 },
          { name: 'B', from: 3, to: 5 },
        ],
      ],
    ],
    refuses: [
      [
        'completed',
        [
          { name: 'A', from: 0, to: 3 },
          { name: 'C', from: 0, to: 1 },
          { name: 'undo', from: 1, to: 4 },
          { name: 'B', from: 3, to: 5 },
          { name: 'B', from: 3, to: 5 },
        ],
      ],
    ],
  },
  {
    given: 'branches of which all are settled',
    body: sequence(parallel('allSettled', 'A', 'B'), 'C'),
    takes: [['completed', [...atOnce('A!', 'B!'), ...later(2, inTurn('C'))]]],
    refuses: [['running', [...atOnce('A!', 'B?'), ...later(2, inTurn('C'))]]],
  },
  {
    given: 'a race',
    body: sequence(parallel('race', 'A', timer('late')), 'B'),
    takes: [
      ['completed', [...atOnce('A', 'timer:timer?'), ...later(1, inTurn('B'))]],
      ['failed', atOnce('A!', 'timer:timer~')],
    ],
    refuses: [['running', [...atOnce('A?', 'timer:timer?'), ...later(3, inTurn('B'))]]],
  },
  {
    given: 'the first of several that is done',
    body: sequence(parallel('any', 'A', 'B'), 'C'),
    takes: [['completed', [...atOnce('A!', 'B'), ...later(2, inTurn('C'))]]],
    refuses: [['running', [...atOnce('A!', 'B?'), ...later(2, inTurn('C'))]]],
  },
  {
    given: 'the same for each of a list',
    body: sequence(forEach('all', sequence('A', 'B')), 'C'),
    takes: [
      ['completed', inTurn('C')],
      ['completed', [...atOnce('A', 'A', 'A'), ...later(3, atOnce('B', 'B', 'B')), ...later(6, inTurn('C'))]],
    ],
    refuses: [
      ['running', [...atOnce('A', 'A'), ...later(3, atOnce('B', 'B', 'B'))]],
      ['running', [...atOnce('A', 'A?'), ...later(3, atOnce('B', 'B'))]],
      ['completed', [...atOnce('A', 'A', 'A'), ...later(3, inTurn('B', 'B', 'C'))]],
    ],
  },
  {
    given: 'a while loop',
    body: sequence(loop(sequence('A', 'B')), 'C'),
    takes: [
      ['completed', inTurn('C')],
      ['completed', inTurn('A', 'B', 'A', 'B', 'C')],
    ],
    refuses: [['completed', inTurn('A', 'B', 'A', 'C')]],
  },
  {
    given: 'a loop that goes round at least once',
    body: sequence(loop('A', { once: true }), 'C'),
    takes: [['completed', inTurn('A', 'A', 'C')]],
    refuses: [['completed', inTurn('C')]],
  },
  {
    given: 'a loop that ends by a break',
    body: sequence(loop(sequence('A', choice(exit('break', 'L'), 'B')), { id: 'L', forever: true }), 'C'),
    takes: [['completed', inTurn('A', 'B', 'A', 'C')]],
    refuses: [['completed', inTurn('A', 'B', 'C')]],
  },
  {
    given: 'a loop that is continued',
    body: loop(sequence('A', choice(exit('continue', 'L2'), nothing()), 'B'), { id: 'L2' }),
    takes: [['completed', inTurn('A', 'A', 'B')]],
    refuses: [['completed', inTurn('A', 'B', 'B')]],
  },
  {
    given: 'a break out of two loops',
    body: sequence(
      loop(loop(sequence('A', exit('break', 'outer')), { forever: true }), { id: 'outer', forever: true }),
      'B',
    ),
    takes: [['completed', inTurn('A', 'B')]],
    refuses: [['completed', inTurn('A', 'A', 'B')]],
  },
  {
    given: 'a switch left by break',
    body: sequence(choiceCalled('S', sequence('A', exit('break', 'S'), 'never'), 'B'), 'C'),
    takes: [['completed', inTurn('A', 'C')]],
    refuses: [['completed', inTurn('A', 'never', 'C')]],
  },
  {
    given: 'a return in a helper',
    body: sequence(helper(sequence('A', choice(exit('return'), nothing()), 'B')), 'C'),
    takes: [
      ['completed', inTurn('A', 'C')],
      ['completed', inTurn('A', 'B', 'C')],
    ],
    refuses: [['completed', inTurn('A')]],
  },
  {
    given: 'a failure that is handled, and a finalizer',
    body: sequence(attempt(sequence('A', 'B'), { handler: 'H', finalizer: 'F' }), 'C'),
    takes: [
      ['completed', inTurn('A', 'B', 'F', 'C')],
      ['completed', inTurn('A!', 'H', 'F', 'C')],
      ['failed', inTurn('A!', 'H!', 'F')],
    ],
    refuses: [
      ['completed', inTurn('A', 'B', 'H', 'H', 'F', 'C')],
      ['completed', inTurn('A', 'B', 'C')],
      ['completed', inTurn('A!', 'B', 'F', 'C')],
      ['completed', inTurn('A!', 'H!', 'F', 'C')],
    ],
  },
  {
    given: 'a finalizer after a return',
    body: sequence(attempt(sequence('A', exit('return')), { finalizer: 'F' }), 'C'),
    takes: [['completed', inTurn('A', 'F')]],
    refuses: [
      ['completed', inTurn('A')],
      ['completed', inTurn('A', 'F', 'C')],
    ],
  },
  {
    given: 'work in the background',
    body: sequence(background(sequence('A', 'B')), 'C', 'D'),
    takes: [
      [
        'completed',
        [
          { name: 'A', from: 0, to: 1 },
          { name: 'C', from: 0, to: 2 },
          { name: 'B', from: 1, to: 4 },
          { name: 'D', from: 2, to: 3 },
        ],
      ],
      ['completed', inTurn('A', 'C', 'D')],
    ],
    refuses: [['completed', inTurn('A', 'B', 'B', 'C', 'D')]],
  },
  {
    given: 'work in the background that is awaited and fails',
    body: attempt(sequence(background('A', true), 'B', 'C'), { handler: 'H' }),
    takes: [['completed', [...atOnce('A!', 'B'), ...later(2, inTurn('H'))]]],
  },
  {
    given: 'a step that the workflow goes on at the start of',
    body: sequence(ofType('child', 'A', { goesOnAtStart: true }), 'B'),
    takes: [
      ['completed', atOnce('child:A!', 'B')],
      ['completed', [{ name: 'A', kind: 'child', from: 0 }, ...later(1, inTurn('B'))]],
    ],
  },
  {
    given: 'waits',
    body: sequence('A', wait('a message'), 'B', wait('at most a day', { dueIn: '1 day' }), 'C'),
    takes: [
      ['completed', inTurn('A', 'B', 'C')],
      ['completed', inTurn('A', 'B', 'timer:timer~', 'C')],
      ['completed', inTurn('A', 'B', 'timer:timer', 'C')],
    ],
    refuses: [
      ['completed', inTurn('A', 'timer:timer', 'B', 'C')],
      ['completed', inTurn('A', 'B', 'timer:timer?', 'C')],
    ],
  },
  {
    given: 'steps of all kinds',
    body: sequence(
      ofType('task', 'T'),
      ofType('event', 'E'),
      ofType('alert', 'L'),
      ofType('signal', 'S'),
      ofType('nexus', 'N.n'),
      ofType('compensation', 'U'),
      step('any', { name: undefined } as object),
    ),
    takes: [
      ['completed', inTurn('task:T', 'event:E', 'alert:L', 'S', 'N.n', 'U', 'X')],
      ['completed', inTurn('task:T', 'event:E', 'alert:L', 'S', 'N.n', 'compensation:U', 'Y')],
    ],
    refuses: [['completed', inTurn('T', 'event:E', 'alert:L', 'S', 'N.n', 'U', 'X')]],
  },
  {
    given: 'messages and what their handlers do',
    body: sequence('A', 'B'),
    handlers: [handler('signal', 'add', sequence('X', 'Y')), handler('query', 'state', nothing())],
    takes: [
      ['completed', inTurn('A', 'event:add', 'X', 'event:add', 'X', 'Y', 'B')],
      ['completed', inTurn('event:add', 'A', 'B')],
      ['failed', inTurn('A', 'event:add', 'X!')],
    ],
    refuses: [
      ['completed', inTurn('A', 'X', 'B')],
      ['completed', inTurn('A', 'event:add', 'X', 'X', 'B')],
      ['completed', inTurn('A', 'event:state', 'B')],
      ['completed', inTurn('A', 'event:other', 'B')],
    ],
  },
  {
    given: 'alerts, which come at any time',
    body: sequence('A', 'B'),
    handlers: [handler('alert', 'raise', ofType('alert', 'sms'))],
    takes: [['completed', inTurn('alert:sms', 'A', 'alert:sms', 'alert:sms', 'B', 'alert:sms')]],
  },
  {
    given: 'a task that tells whoever is asked',
    body: sequence('A', ofType('task', 'T', { tells: ofType('alert', 'sms') }), 'B'),
    takes: [
      [
        'completed',
        [
          { name: 'A', from: 0, to: 1 },
          { name: 'T', kind: 'task', from: 1, to: 9 },
          { name: 'sms', kind: 'alert', from: 1, to: 2 },
          { name: 'sms', kind: 'alert', from: 5, to: 20 },
          { name: 'B', from: 9, to: 10 },
        ],
      ],
    ],
    refuses: [
      ['completed', inTurn('A', 'alert:sms', 'task:T', 'B')],
      ['completed', inTurn('A', 'task:T', 'B', 'alert:sms')],
    ],
  },
  {
    given: 'a local call that is tried again after a while',
    body: sequence(step('A', { isLocal: true }), 'B'),
    takes: [
      [
        'completed',
        [
          { name: 'A', from: 0, to: 3 },
          { name: 'timer', kind: 'timer', from: 1, to: 2 },
          { name: 'B', from: 3, to: 4 },
        ],
      ],
    ],
    refuses: [['completed', inTurn('A', 'B', 'timer:timer')]],
  },
  {
    given: 'what the source does not tell',
    body: sequence('A', unknown(), 'B'),
    takes: [
      ['completed', inTurn('A', 'X', 'task:Y', 'B')],
      ['completed', inTurn('A', 'B')],
      ['failed', inTurn('A', 'X')],
    ],
    refuses: [['completed', inTurn('X', 'B')]],
  },
  {
    given: 'a case continued as new',
    body: sequence('A', choice(exit('continueAsNew'), 'B')),
    takes: [
      ['completed', inTurn('A', 'A', 'A', 'B')],
      ['running', inTurn('A')],
    ],
    refuses: [['completed', inTurn('A', 'A')]],
  },
  {
    given: 'a failure that the source throws',
    body: sequence('A', choice(exit('throw'), nothing()), 'B'),
    takes: [
      ['failed', inTurn('A')],
      ['completed', inTurn('A', 'B')],
    ],
    refuses: [['completed', inTurn('A')]],
  },
];

describe.each(examples)('given $given', ({ body, handlers, takes = [], refuses = [] }) => {
  const words = (steps: Told[]) => steps.map(({ name, status = 'done' }) => `${name} ${status}`).join(', ');
  const map = mapOf(body, handlers);

  for (const [status, steps] of takes)
    test(`then a case ${status} fits with ${words(steps)}`, () => {
      expect(fits(map, caseOf(status, steps))).toMatchObject({ fits: true });
    });

  for (const [status, steps] of refuses)
    test(`then a case ${status} does not fit with ${words(steps)}`, () => {
      expect(fits(map, caseOf(status, steps))).toMatchObject({ fits: false });
    });
});

test('given a step out of place, then the refusal names it and what was expected', () => {
  const map = mapOf(sequence('A', wait('a message'), choice('B', 'C')));

  expect(fits(map, caseOf('running', inTurn('A', 'D')))).toEqual({
    fits: false,
    at: expect.objectContaining({ id: 'D/1' }),
    expected: ['B', 'C'],
    message: 'D/1 (call) may not begin here: on its map comes B or C',
  });
});

test('given a case that completed too early, then the refusal says what was to come', () => {
  expect(fits(mapOf(sequence('A', 'B')), caseOf('completed', inTurn('A')))).toEqual({
    fits: false,
    expected: ['B'],
    message: 'salary-E-1001 is completed, but on its map comes B',
  });
});

test('given a cancelled case, then it may have thrown anywhere', () => {
  const map = mapOf(attempt(sequence('A', wait('a message'), 'B'), { handler: 'undo' }));

  expect(fits(map, caseOf('cancelled', inTurn('A', 'undo')))).toMatchObject({ fits: true });
});

test('given code that threw where no step failed, then the case fits', () => {
  const map = mapOf(attempt(sequence('A', 'B'), { handler: 'undo' }));

  expect(fits(map, caseOf('completed', inTurn('A', 'undo')))).toMatchObject({ fits: true });
});

test('given steps that are not recorded, then it cannot be told', () => {
  expect(fits(mapOf(sequence('A')), caseOf('running', inTurn('A'), { stepsNotRecorded: 2 }))).toEqual({
    fits: 'unknown',
    message: '2 steps of salary-E-1001 are not on its record, so that it cannot be replayed',
  });
});
