import { roomBeside } from './edge-labels';
import type { Grid } from './grid';
import type { RouteTracks } from './route-tracks';
import type { Route, Upright } from './routes';
import { halfWidth, type Shape } from './shapes';

export const laneLabelWidth = 92;
export const margin = 8;
export const trackWidth = 7;
/** Beside a shape, before the first track; after the last, with room for the head of an arrow. */
const before = 8;
const after = 13;

/** Where columns and what stands upright come to lie; each band has columns of its own. */
export interface Columns {
  /** Without what is in the margin. */
  lanesWidth: number;
  width: number;
  middle: (band: number, column: number) => number;
  uprightX: (upright: Upright) => number;
}

export interface Drawn {
  grid: Grid;
  shapes: Map<string, Shape>;
  routes: readonly Route[];
  tracks: RouteTracks;
}

export function columnsOf(drawn: Drawn): Columns {
  const bands = [...new Set(drawn.grid.rows.map(({ band }) => band))].map((band) => columnsOfBand(drawn, band));
  const lanesWidth = Math.max(0, ...bands.map(({ width }) => width));
  const inMargin = trackCount(drawn.tracks, 'margin', 0);
  return {
    lanesWidth,
    width: lanesWidth + (inMargin === 0 ? 0 : before + inMargin * trackWidth),
    middle: (band, column) => bands[band]?.middles[column] ?? 0,
    uprightX: (upright) => {
      const { band, channel } = upright;
      const first = band === 'margin' ? lanesWidth + before - margin / 2 : (bands[band]?.firstTracks[channel] ?? 0);
      return first + (drawn.tracks.ofUpright.get(upright) ?? 0) * trackWidth;
    },
  };
}

function columnsOfBand({ grid: { cells, rows }, shapes, routes, tracks }: Drawn, band: number) {
  const inBand = [...cells].flatMap(([id, { row, column }]) => {
    const shape = shapes.get(id);
    return shape && rows[row]?.band === band ? [{ id, column, shape }] : [];
  });
  const columns = Math.max(0, ...inBand.map(({ column }) => column)) + 1;
  const halves = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...inBand.flatMap((one) => (one.column === column ? [halfWidth(one.shape)] : []))),
  );
  const roomAfter = (column: number) => {
    const members = inBand.filter((one) => one.column === column);
    const rooms = members.flatMap(({ id, shape }) =>
      routes.flatMap(({ edge }) => (edge.from === id ? [roomBeside(edge, shape) - (halves[column] ?? 0)] : [])),
    );
    return Math.max(0, ...rooms);
  };
  const middles: number[] = [];
  const firstTracks: number[] = [];
  let x = margin + laneLabelWidth;
  for (let channel = 0; channel <= columns; channel += 1) {
    const room = channel === 0 ? 0 : roomAfter(channel - 1);
    const first = onTrack(x + room + before, band);
    firstTracks.push(first);
    x = first + trackCount(tracks, band, channel) * trackWidth + after;
    const half = halves[channel] ?? 0;
    if (channel < columns) middles.push(x + half);
    x += 2 * half;
  }
  return { middles, firstTracks, width: x + margin };
}

/** Not where the band above or below has tracks, whose ends may pass each other between the bands. */
function onTrack(x: number, band: number): number {
  const shift = band % 2 === 0 ? 0 : trackWidth / 2;
  return Math.ceil((x - shift) / trackWidth) * trackWidth + shift;
}

function trackCount({ ofUpright }: RouteTracks, band: Upright['band'], channel: number): number {
  const used = [...ofUpright].flatMap(([one, track]) => (one.band === band && one.channel === channel ? [track] : []));
  return Math.max(-1, ...used) + 1;
}
