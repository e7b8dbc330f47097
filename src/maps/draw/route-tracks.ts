import type { Route, RowLine, Upright } from './routes';
import { assignTracks, fromMiddle, upwards, type Span } from './tracks';

/** On which of the tracks of its row or channel each piece of a route lies, so that no two lie on each other. */
export interface RouteTracks {
  ofLine: Map<RowLine, number>;
  ofUpright: Map<Upright, number>;
}

export function tracksOf(routes: readonly Route[]): RouteTracks {
  const lines = routes.flatMap(({ out, into }) => (out === into ? [out] : [out, into]));
  const ofLine = tracksInEach(
    lines.sort((a, b) => b.nodes.length - a.nodes.length),
    ({ row }) => `${row}`,
    ({ side }) => fromMiddle(side),
  );
  const uprights = routes.flatMap((route) => spansOf(route, ofLine)).sort(shortFirst);
  const found = tracksInEach(uprights, ({ upright: { band, channel } }) => `${band} ${channel}`, upwards);
  return { ofLine, ofUpright: new Map([...found].map(([{ upright }, track]) => [upright, track])) };
}

interface UprightSpan extends Span {
  upright: Upright;
}

/** Row `n` is at `2 n + 1`, with fractions for its tracks, of which there are fewer than hundreds; gap `n` at `2 n`. */
function spansOf({ out, into, uprights, levels }: Route, lines: RouteTracks['ofLine']): UprightSpan[] {
  const atLine = (line: RowLine) => 2 * line.row + 1 + (lines.get(line) ?? 0) / 1000;
  const stops = [atLine(out), ...levels.map(({ gap }) => 2 * gap), atLine(into)];
  return uprights.flatMap((upright, index) => {
    const ends = stops.slice(index, index + 2);
    return { upright, from: Math.min(...ends), to: Math.max(...ends) };
  });
}

export const shortFirst = (a: Span, b: Span) => a.to - a.from - (b.to - b.from);

/** Tracks in each of the places in which spans lie. */
export function tracksInEach<T extends Span>(
  spans: readonly T[],
  placeOf: (span: T) => string,
  preferred: (span: T) => Iterable<number>,
): Map<T, number> {
  const places = new Map<string, T[]>();
  for (const span of spans) places.set(placeOf(span), [...(places.get(placeOf(span)) ?? []), span]);
  return new Map([...places.values()].flatMap((members) => [...assignTracks(members, preferred)]));
}
