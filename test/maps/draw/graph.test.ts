import fc from 'fast-check';
import { graphOf } from '../../../src/maps/draw';
import type { Block, Handler } from '../../../src/maps/process-map';
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
  parallel,
  sequence,
  step,
  wait,
} from '../replay/maps';
import { Random } from '../replay/random';
import { randomMap } from '../replay/random-maps';
import { followsInBlocks, followsInGraph } from './follows';

/** The edges in words; nodes without a name of their own are called by their kind. */
function drawn(body: Block, handlers: Handler[] = []): string[] {
  const { nodes, edges } = graphOf(mapOf(body, handlers));
  const names = new Map(nodes.map((node) => [node.id, node.kind === 'end' ? node.end : nameOf(node)]));
  const arrow = (label: string) => (label === '' ? '->' : `-${label}->`);
  return edges.map(({ from, to, label }) => `${names.get(from)} ${arrow(label)} ${names.get(to)}`);
}

const nameOf = ({ kind, label }: { kind: string; label: string }) =>
  kind === 'step' || kind === 'message' ? label : kind;

test.each<[string, Block, string[]]>([
  ['steps in a row', sequence('A', 'B'), ['start -> A', 'A -> B', 'B -> done']],
  [
    'branches of a choice come together without a node',
    sequence(choice('A', nothing()), 'B'),
    ['start -> choice', 'choice -0-> A', 'choice -1-> B', 'A -> B', 'B -> done'],
  ],
  ['a choice of nothing is left out', sequence(choice(nothing(), nothing()), 'A'), ['start -> A', 'A -> done']],
  [
    'branches beside each other begin and come together at a node',
    parallel('all', 'A', 'B'),
    ['start -> parallel', 'parallel -> A', 'parallel -> B', 'A -> parallel', 'B -> parallel', 'parallel -> done'],
  ],
  ['one branch is in the row', parallel('all', 'A', nothing()), ['start -> A', 'A -> done']],
  ['one step for each of a list is one node', forEach('all', 'A'), ['start -> A', 'A -> done']],
  ['a loop asks before', loop('A'), ['start -> choice', 'choice -yes-> A', 'choice -no-> done', 'A -> choice']],
  [
    'a loop that runs once asks after',
    loop('A', { once: true }),
    ['start -> A', 'A -> choice', 'choice -yes-> A', 'choice -no-> done'],
  ],
  [
    'a loop without end is left by its exit',
    loop(sequence('A', choice(exit('break', 'round'), nothing())), { id: 'round', forever: true }),
    ['start -> A', 'A -> choice', 'choice -0-> done', 'choice -1-> A'],
  ],
  [
    'return ends a helper alone',
    sequence(helper(sequence('A', choice(exit('return'), 'B'))), 'C'),
    ['start -> A', 'A -> choice', 'choice -0-> C', 'choice -1-> B', 'B -> C', 'C -> done'],
  ],
  [
    'one step that may fail has the way to the handler',
    attempt('A', { handler: 'B' }),
    ['start -> A', 'A -> done', 'A -failed-> B', 'B -> done'],
  ],
  [
    'several have one way, from before them',
    attempt(sequence('A', 'B'), { handler: 'C' }),
    ['start -> attempt', 'attempt -> A', 'attempt -failed-> C', 'A -> B', 'B -> done', 'C -> done'],
  ],
  [
    'a failure that nobody handles is an end',
    choice(exit('throw'), 'A'),
    ['start -> choice', 'choice -0-> failed', 'choice -1-> A', 'A -> done'],
  ],
  [
    'a finalizer is there once, and goes on as it was reached',
    attempt(choice(exit('return'), 'A'), { finalizer: 'B' }),
    [
      'start -> choice',
      'choice -0-> B',
      'choice -1-> A',
      'A -> B',
      'B -> choice',
      'choice -goes on-> done',
      'choice -return-> done',
    ],
  ],
  [
    'what is not awaited ends alone',
    sequence(background('A'), 'B'),
    ['start -> parallel', 'parallel -> B', 'parallel -meanwhile-> A', 'B -> done'],
  ],
  ['a case that goes on in a new run', exit('continueAsNew'), ['start -> again']],
])('%s', (_, body, edges) => {
  expect(drawn(body).sort()).toEqual([...edges].sort());
});

test('a message feeds what awaits it; a query that does nothing is not drawn', () => {
  const handlers = [handler('signal', 'approve', nothing()), handler('query', 'status', nothing())];
  expect(drawn(wait('approved', { fedBy: ['approve'] }), handlers)).toEqual([
    'start -> approved',
    'approve -> approved',
    'approved -> done',
  ]);
});

test('what runs while a step is open begins at it', () => {
  expect(drawn(step('A', { tells: step('B') }))).toEqual(['start -> A', 'A -> done', 'A -meanwhile-> B']);
});

test('given any map, then what follows what in its blocks does so in its graph, and nothing else', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const map = randomMap(new Random(seed));
      expect([...followsInGraph(graphOf(map))].sort()).toEqual([...followsInBlocks(map)].sort());
    }),
    { numRuns: 1_000 },
  );
});

test('given any map, then a node is there once, and leads on unless it is an end', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { nodes, edges } = graphOf(randomMap(new Random(seed)));
      const ids = nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(edges.filter(({ from, to }) => !ids.includes(from) || !ids.includes(to))).toEqual([]);
      const gateways = nodes.filter(({ kind }) => kind === 'choice' || kind === 'parallel' || kind === 'attempt');
      expect(gateways.filter(({ id }) => !edges.some(({ from }) => from === id))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
