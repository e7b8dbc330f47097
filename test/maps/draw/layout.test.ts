import fc from 'fast-check';
import { graphOf } from '../../../src/maps/draw';
import { layOut, type Layout, type Point } from '../../../src/maps/draw/layout';
import { halfWidth, reachDown } from '../../../src/maps/draw/shapes';
import type { ProcessMap } from '../../../src/maps/process-map';
import { loop, mapOf, ofType, parallel, sequence, step } from '../replay/maps';
import { Random } from '../replay/random';
import { randomMap } from '../replay/random-maps';

/** `RUNS=2000 npx jest test/maps/draw/layout` looks longer. */
const numRuns = Number(process.env.RUNS ?? 40);

interface Box {
  id: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Outlines with the texts under them. */
function boxesOf({ nodes }: Layout): Box[] {
  return nodes.map(({ node, shape, x, y }) => ({
    id: node.id,
    left: x - halfWidth(shape),
    right: x + halfWidth(shape),
    top: y - shape.down,
    bottom: y + reachDown(shape),
  }));
}

interface Segment extends Box {
  from: string;
  to: string;
}

function segmentsOf({ edges }: Layout): Segment[] {
  return edges.flatMap(({ edge, points }, index) =>
    points.slice(1).map((end, at) => ({ ...spanned(points[at] ?? end, end), ...edge, id: `${index}` })),
  );
}

function spanned(a: Point, b: Point) {
  return { left: Math.min(a.x, b.x), right: Math.max(a.x, b.x), top: Math.min(a.y, b.y), bottom: Math.max(a.y, b.y) };
}

/** By more than a hair. */
function overlap(a: Omit<Box, 'id'>, b: Omit<Box, 'id'>): boolean {
  const hair = 0.01;
  return a.left < b.right - hair && b.left < a.right - hair && a.top < b.bottom - hair && b.top < a.bottom - hair;
}

/** In the cell of the node it begins or ends at, the line is beside the outline. */
function crosses(segment: Segment, box: Box, layout: Layout): boolean {
  if (box.id !== segment.from && box.id !== segment.to) return overlap(thick(segment), box);
  const { x = 0, shape } = layout.nodes.find(({ node }) => node.id === box.id) ?? {};
  const inner = shape?.outline === 'box' ? shape.across : 0;
  return overlap(thick(segment), { ...box, left: x - inner, right: x + inner });
}

/** As thick as it is drawn. */
function thick({ left, right, top, bottom }: Segment) {
  const half = 0.7;
  if (top === bottom) return { left, right, top: top - half, bottom: bottom + half };
  return { left: left - half, right: right + half, top, bottom };
}

/** Of the same direction, with a piece in common. */
function liesOn(a: Segment, b: Segment): boolean {
  const areLevel = a.top === a.bottom && b.top === b.bottom && Math.abs(a.top - b.top) < 0.5;
  const areUpright = a.left === a.right && b.left === b.right && Math.abs(a.left - b.left) < 0.5;
  if (areLevel) return a.left < b.right && b.left < a.right;
  return areUpright && a.top < b.bottom && b.top < a.bottom;
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other): [T, T] => [one, other]));
}

function faultsOf(layout: Layout): string[] {
  const boxes = boxesOf(layout);
  const segments = segmentsOf(layout);
  const outside = [...boxes, ...segments].filter(
    ({ left, right, top, bottom }) => left < 0 || top < 0 || right > layout.width || bottom > layout.height,
  );
  return [
    ...outside.map(({ id }) => `${id} is outside of the picture`),
    ...pairs(boxes).flatMap(([a, b]) => (overlap(a, b) ? `${a.id} lies on ${b.id}` : [])),
    ...segments.flatMap((segment) =>
      boxes.flatMap((box) =>
        crosses(segment, box, layout) ? `${segment.from} -> ${segment.to} crosses ${box.id}` : [],
      ),
    ),
    ...pairs(segments).flatMap(([a, b]) =>
      a.id !== b.id && liesOn(a, b) ? `${a.from} -> ${a.to} lies on ${b.from} -> ${b.to}` : [],
    ),
    ...segments.flatMap(({ left, right, top, bottom, from, to }) =>
      left === right || top === bottom ? [] : `${from} -> ${to} is slanting`,
    ),
  ];
}

const seed = fc.integer();

const laidOut = (map: ProcessMap) => layOut(graphOf(map));

test('given any map, then no shapes overlap, no edge crosses a shape or lies on another, and all is in the picture', async () => {
  await fc.assert(
    fc.asyncProperty(seed, async (seed) => {
      const map = randomMap(new Random(seed));
      const graph = graphOf(map);
      const layout = await layOut(graph);
      expect(layout.nodes).toHaveLength(graph.nodes.length);
      expect(layout.edges).toHaveLength(graph.edges.length);
      expect(faultsOf(layout)).toEqual([]);
    }),
    { numRuns },
  );
});

test('a long process is wrapped, so that its letters are large enough on a page', async () => {
  const layout = await laidOut(mapOf(sequence(...Array.from({ length: 30 }, (_, index) => step(`step ${index}`)))));
  expect(layout.width).toBeLessThanOrEqual(1000);
  expect(faultsOf(layout)).toEqual([]);
});

test('systems, roles and the process have lanes, the process first, then people', async () => {
  const body = sequence(
    step('A', { system: 'payroll', team: 'finance' }),
    ofType('task', 'B', { role: 'accountant' }),
    ofType('task', 'C'),
    ofType('timer', 'D'),
  );
  const { lanes, nodes } = await laidOut(mapOf(body));
  expect(lanes.map(({ lane }) => lane.label)).toEqual(['process', 'accountant', 'people', 'payroll']);
  for (const [id, label] of [
    ['A', 'payroll'],
    ['B', 'accountant'],
    ['C', 'people'],
    ['D', 'process'],
  ]) {
    const node = nodes.find((one) => one.node.id === id);
    const around = lanes.find(({ y, height }) => node && node.y > y && node.y < y + height);
    expect(around?.lane.label).toBe(label);
  }
});

test('what follows stands to the right, and a loop leads back', async () => {
  const { nodes, edges } = await laidOut(mapOf(sequence(loop('B'), parallel('all', 'C', 'D'), 'E')));
  const x = (id: string) => nodes.find(({ node }) => node.id === id)?.x ?? 0;
  expect(x('#start')).toBeLessThan(x('B'));
  expect(x('C')).toBe(x('D'));
  expect(x('D')).toBeLessThan(x('E'));
  const back = edges.find(({ edge }) => edge.from === 'B');
  expect(back?.points.at(-1)?.x).toBeLessThan(x('B'));
});
