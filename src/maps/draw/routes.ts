import type { Cell, Grid } from './grid';
import type { MapEdge } from './map-graph';
import type { Span } from './tracks';

/**
 * The way of an edge through the grid: level in a row, where no node stands, and in the gaps between rows; upright in the
 * channels between columns. Channel and gap `n` are before column and row `n`. Between bands that are not neighbours it
 * goes by the margin.
 */
export interface Route {
  edge: MapEdge;
  /** Leaves the node it begins at. */
  out: RowLine;
  /** Meets the node it ends at; the same where the edge is one line. */
  into: RowLine;
  uprights: Upright[];
  /** Between one upright and the next. */
  levels: Level[];
}

/** Spans channels. */
export interface RowLine extends Span {
  row: number;
  /** Where it turns to. */
  side: 1 | -1;
  nodes: string[];
}

export interface Upright {
  band: number | 'margin';
  channel: number;
}

export interface Level {
  gap: number;
  between: [Upright, Upright];
}

export function routesOf(edges: readonly MapEdge[], grid: Grid): Route[] {
  const { cells, rows } = grid;
  const taken = new Set([...cells.values()].map(({ row, column }) => `${row} ${column}`));
  const used = new Map<number, number>();
  const isEmpty = (row: number, from: number, to: number) => {
    for (let column = from; column < to; column += 1) if (taken.has(`${row} ${column}`)) return false;
    return true;
  };
  const bandOf = ({ row }: Cell) => rows[row]?.band ?? 0;
  const ends = edges.flatMap((edge): Ends[] => {
    const from = cells.get(edge.from);
    const to = cells.get(edge.to);
    return from && to ? [{ edge, from, to, fromBand: bandOf(from), toBand: bandOf(to) }] : [];
  });
  ends.sort((a, b) => distance(a) - distance(b));
  return ends.map((one) => {
    if (one.fromBand !== one.toBand) return betweenBands(one, grid);
    return straight(one, isEmpty) ?? bent(one, isEmpty) ?? around(one, grid, used);
  });
}

interface Ends {
  edge: MapEdge;
  from: Cell;
  to: Cell;
  fromBand: number;
  toBand: number;
}

const distance = ({ from, to }: Ends) => Math.abs(from.row - to.row) + Math.abs(from.column - to.column);

type IsEmpty = (row: number, from: number, to: number) => boolean;

function straight({ edge, from, to }: Ends, isEmpty: IsEmpty): Route | undefined {
  const begin = from.column + 1;
  if (from.row !== to.row || to.column < begin || !isEmpty(from.row, begin, to.column)) return undefined;
  const line: RowLine = { row: from.row, from: begin, to: to.column, side: 1, nodes: [edge.from, edge.to] };
  return { edge, out: line, into: line, uprights: [], levels: [] };
}

/** Along a row, once up or down, and along a row. */
function bent({ edge, from, to, fromBand: band }: Ends, isEmpty: IsEmpty): Route | undefined {
  const first = from.column + 1;
  const last = to.column;
  if (from.row === to.row) return undefined;
  for (let channel = first; channel <= last; channel += 1) {
    if (!isEmpty(from.row, first, channel) || !isEmpty(to.row, channel, last)) continue;
    const side = to.row > from.row ? 1 : -1;
    return {
      edge,
      out: { row: from.row, from: first, to: channel, side, nodes: [edge.from] },
      into: { row: to.row, from: channel, to: last, side: side === 1 ? -1 : 1, nodes: [edge.to] },
      uprights: [{ band, channel }],
      levels: [],
    };
  }
  return undefined;
}

/** Through a gap of the band. */
function around(ends: Ends, { rows }: Grid, used: Map<number, number>): Route {
  const { from, to, fromBand } = ends;
  const cost = (gap: number) =>
    Math.abs(2 * gap - 2 * from.row - 1) + Math.abs(2 * gap - 2 * to.row - 1) + 0.3 * (used.get(gap) ?? 0);
  const inBand = rows.flatMap(({ band }, row) => (band === fromBand ? [row, row + 1] : []));
  const gap = inBand.reduce((best, one) => (cost(one) < cost(best) ? one : best));
  used.set(gap, (used.get(gap) ?? 0) + 1);
  return throughGaps(ends, [gap]);
}

/** Between neighbours through the gap between them, else through those beside both bands. */
function betweenBands(ends: Ends, { rows }: Grid): Route {
  const { fromBand, toBand } = ends;
  const above = (wanted: number) => rows.findIndex(({ band }) => band === wanted);
  const below = (wanted: number) => rows.findLastIndex(({ band }) => band === wanted) + 1;
  const isDown = toBand > fromBand;
  const leaving = isDown ? below(fromBand) : above(fromBand);
  const entering = isDown ? above(toBand) : below(toBand);
  return throughGaps(ends, leaving === entering ? [leaving] : [leaving, entering]);
}

function throughGaps({ edge, from, to, fromBand, toBand }: Ends, gaps: [number] | [number, number]): Route {
  const [first, last = first] = gaps;
  const out: Upright = { band: fromBand, channel: from.column + 1 };
  const into: Upright = { band: toBand, channel: to.column };
  const margin: Upright = { band: 'margin', channel: 0 };
  return {
    edge,
    out: {
      row: from.row,
      from: out.channel,
      to: out.channel,
      side: first > from.row ? 1 : -1,
      nodes: [edge.from],
    },
    into: { row: to.row, from: into.channel, to: into.channel, side: last > to.row ? 1 : -1, nodes: [edge.to] },
    uprights: first === last ? [out, into] : [out, margin, into],
    levels:
      first === last
        ? [{ gap: first, between: [out, into] }]
        : [
            { gap: first, between: [out, margin] },
            { gap: last, between: [margin, into] },
          ],
  };
}
