import { margin, type Columns } from './columns';
import type { Grid } from './grid';
import type { Lane } from './lanes';
import type { Rows } from './rows';

export interface PlacedLane {
  lane: Lane;
  x: number;
  y: number;
  width: number;
  height: number;
}

const padding = 6;

/** The strips of the lanes: those of a band lie against each other. */
export function lanesAt({ rows }: Grid, { lanesWidth }: Columns, { top, bottom }: Rows): PlacedLane[] {
  const placed: PlacedLane[] = [];
  rows.forEach(({ lane, band }, row) => {
    const before = rows[row - 1];
    if (before?.lane === lane && before.band === band) return;
    const next = rows.findIndex((one, index) => index > row && (one.lane !== lane || one.band !== band));
    const last = next === -1 ? rows.length - 1 : next - 1;
    const end = rows[next]?.band === band ? top(next) - padding : bottom(last) + padding;
    const y = top(row) - padding;
    placed.push({ lane, x: margin, y, width: lanesWidth - 2 * margin, height: end - y });
  });
  return placed;
}
