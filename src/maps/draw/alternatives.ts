import type { MapEdge, MapGraph } from './map-graph';

/** Branches of fewer nodes may stand beside each other. */
const large = 4;

/**
 * Where a process is wrapped, large branches of a choice stand one after the other, as in the source: edges, not drawn,
 * from the ends of a branch to the beginning of the next.
 */
export function orderOfBranches({ nodes, edges }: MapGraph): Pick<MapEdge, 'from' | 'to'>[] {
  const place = new Map(nodes.map(({ id }, index) => [id, index]));
  const onward = edges.filter(({ from, to }) => (place.get(from) ?? 0) < (place.get(to) ?? 0));
  const choices = nodes.filter(({ kind }) => kind === 'choice');
  return choices.flatMap(({ id }) => {
    const ways = onward.filter(({ from }) => from === id).map(({ to }) => ({ to, after: reached(to, onward) }));
    return ways.slice(1).flatMap((second, index) => {
      const first = ways[index];
      if (!first) return [];
      const own = [...first.after].filter((one) => !second.after.has(one));
      const others = [...second.after].filter((one) => !first.after.has(one));
      if (own.length < large || others.length < large) return [];
      const ends = own.filter((one) => !onward.some(({ from, to }) => from === one && own.includes(to)));
      return ends.map((from) => ({ from, to: second.to }));
    });
  });
}

function reached(start: string, edges: readonly MapEdge[]): Set<string> {
  const found = new Set([start]);
  for (const id of found) for (const { from, to } of edges) if (from === id) found.add(to);
  return found;
}
