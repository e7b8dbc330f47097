import type { Layered } from './layers';
import type { MapEdge } from './map-graph';

/** What one more band costs, in edges that lead from band to band. */
const costOfBand = 4;
/** What a band of fewer than three layers costs besides. */
const costOfShort = 2;

/** Cuts the layers into bands of at most so many, where few edges are cut; gives the first layer of each. */
export function bandsOf(edges: readonly MapEdge[], layers: Map<string, Layered>, most: number): number[] {
  const layerOf = (id: string) => layers.get(id)?.layer ?? 0;
  const all = Math.max(0, ...[...layers.values()].map(({ layer }) => layer)) + 1;
  const cutAt = (layer: number) =>
    edges.filter(({ from, to }) => layerOf(from) < layer !== layerOf(to) < layer).length + costOfBand;
  /** The cheapest way to cut what is before a layer. */
  const best: { cost: number; starts: number[] }[] = [{ cost: 0, starts: [] }];
  for (let end = 1; end <= all; end += 1) {
    let cheapest = { cost: Infinity, starts: [] as number[] };
    for (let start = Math.max(0, end - most); start < end; start += 1) {
      const before = best[start];
      if (!before) continue;
      const isShort = end - start < 3 && all > 3;
      const cost = before.cost + (start === 0 ? 0 : cutAt(start)) + (isShort ? costOfShort : 0);
      if (cost < cheapest.cost) cheapest = { cost, starts: [...before.starts, start] };
    }
    best.push(cheapest);
  }
  return best[all]?.starts ?? [0];
}
