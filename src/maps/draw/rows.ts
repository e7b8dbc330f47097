import { margin, trackWidth, type Columns, type Drawn } from './columns';
import { shortFirst, tracksInEach } from './route-tracks';
import type { Level, RowLine } from './routes';
import { reachDown } from './shapes';
import { upwards } from './tracks';

const padding = 16;
const betweenBands = 14;
const betweenLines = 12;

/** Where rows and what is level come to lie. */
export interface Rows {
  height: number;
  middle: (row: number) => number;
  top: (row: number) => number;
  bottom: (row: number) => number;
  lineY: (line: RowLine) => number;
  levelY: (level: Level) => number;
}

export function rowsOf(drawn: Drawn, columns: Columns, begin: number): Rows {
  const levels = levelTracks(drawn, columns);
  const tracksIn = new Map<number, number>();
  for (const [{ gap }, track] of levels) tracksIn.set(gap, Math.max(track + 1, tracksIn.get(gap) ?? 0));
  const { cells, rows } = drawn.grid;
  const middles: number[] = [];
  const firstTracks: number[] = [];
  const tops: number[] = [];
  const bottoms: number[] = [];
  let y = begin;
  for (let gap = 0; gap <= rows.length; gap += 1) {
    firstTracks.push(y + padding - 4);
    y += padding + (tracksIn.get(gap) ?? 0) * trackWidth;
    if (gap === rows.length) break;
    if (gap > 0 && rows[gap]?.band !== rows[gap - 1]?.band) y += betweenBands;
    const inRow = [...cells].flatMap(([id, { row }]) => (row === gap ? (drawn.shapes.get(id) ?? []) : []));
    const up = Math.max(...inRow.map(({ down }) => down));
    tops.push(y);
    middles.push(y + up);
    y += up + Math.max(...inRow.map(reachDown));
    bottoms.push(y);
  }
  const spacing = spacingOf(drawn);
  const middle = (row: number) => middles[row] ?? 0;
  return {
    height: y + margin - padding / 2,
    middle,
    top: (row) => tops[row] ?? 0,
    bottom: (row) => bottoms[row] ?? 0,
    lineY: (line) => middle(line.row) + (drawn.tracks.ofLine.get(line) ?? 0) * (spacing.get(line.row) ?? betweenLines),
    levelY: (level) => (firstTracks[level.gap] ?? 0) + (levels.get(level) ?? 0) * trackWidth,
  };
}

/** How far the lines of a row are from each other: less, where they would miss their shapes. */
function spacingOf({ shapes, tracks }: Drawn): Map<number, number> {
  const spacing = new Map<number, number>();
  for (const [{ row, nodes }, track] of tracks.ofLine) {
    const reach = Math.min(...nodes.map((id) => (shapes.get(id)?.down ?? 0) - 3));
    const most = track === 0 ? betweenLines : reach / Math.abs(track);
    spacing.set(row, Math.min(most, spacing.get(row) ?? betweenLines));
  }
  return spacing;
}

function levelTracks({ routes }: Drawn, { uprightX }: Columns): Map<Level, number> {
  const spans = routes.flatMap(({ levels }) =>
    levels.map((level) => {
      const ends = level.between.map(uprightX);
      return { level, from: Math.min(...ends), to: Math.max(...ends) };
    }),
  );
  const found = tracksInEach(spans.sort(shortFirst), ({ level }) => `${level.gap}`, upwards);
  return new Map([...found].map(([{ level }, track]) => [level, track]));
}
