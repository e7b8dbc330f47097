import { lanesOf, type Lane } from './lanes';
import type { Layered } from './layers';
import type { MapEdge, MapGraph } from './map-graph';

export interface Cell {
  row: number;
  column: number;
}

export interface Row {
  band: number;
  lane: Lane;
}

/** The nodes in cells of rows and columns, at most one in each. */
export interface Grid {
  cells: Map<string, Cell>;
  rows: Row[];
}

/** Puts the layers into bands, of which each begins at a layer; a band has rows for the lanes that are in it. */
export function gridOf(graph: MapGraph, layers: Map<string, Layered>, starts: readonly number[]): Grid {
  const { lanes, ofNode } = lanesOf(graph.nodes);
  const placed = graph.nodes.flatMap(({ id, kind }) => {
    const at = layers.get(id);
    const lane = ofNode.get(id);
    if (!at || !lane) return [];
    const band = starts.findLastIndex((start) => start <= at.layer);
    const height = kind === 'start' ? -Infinity : at.height;
    return [{ id, lane, band, column: at.layer - (starts[band] ?? 0), height }];
  });
  const rows: Row[] = [];
  const cells = new Map<string, Cell>();
  for (let band = 0; band < starts.length; band += 1) {
    for (const lane of lanes) {
      const members = placed.filter((one) => one.band === band && one.lane === lane);
      const lines = inLines(members, graph.edges);
      for (const [id, { row, column }] of lines) cells.set(id, { row: rows.length + row, column });
      const used = Math.max(-1, ...[...lines.values()].map(({ row }) => row)) + 1;
      for (let row = 0; row < used; row += 1) rows.push({ band, lane });
    }
  }
  return { cells, rows };
}

interface Member {
  id: string;
  /** The start is the highest. */
  height: number;
  column: number;
}

/**
 * Rows and columns of the members of a lane: what follows stands in the row of what is before it, or close to it. What
 * continues a row comes first in its column.
 */
function inLines(members: Member[], edges: readonly MapEdge[]): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  const rows: Set<number>[] = [];
  const rowsBefore = (id: string) =>
    edges.flatMap(({ from, to, kind }) => (to === id && kind !== 'feeds' ? (cells.get(from)?.row ?? []) : []));
  const put = ({ id, column }: Member, wanted: number) => {
    const free = [...rows.keys(), rows.length].filter((row) => !rows[row]?.has(column));
    const row = free.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best));
    rows[row] = (rows[row] ?? new Set()).add(column);
    cells.set(id, { row, column });
  };
  for (const column of new Set(members.map((one) => one.column).sort((a, b) => a - b))) {
    const inColumn = members.filter((one) => one.column === column).sort((a, b) => a.height - b.height);
    const waiting = inColumn.filter((member) => {
      const wanted = rowsBefore(member.id).find((row) => !rows[row]?.has(column));
      if (wanted === undefined) return true;
      put(member, wanted);
      return false;
    });
    for (const member of waiting) put(member, rowsBefore(member.id)[0] ?? 0);
  }
  return cells;
}
