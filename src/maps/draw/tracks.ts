/** Something that lies along a line, from here to there, both included. */
export interface Span {
  from: number;
  to: number;
}

function overlap(a: Span, b: Span): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** Gives each span the first of the tracks it prefers on which nothing else lies where it lies. */
export function assignTracks<T extends Span>(
  spans: readonly T[],
  preferred: (span: T) => Iterable<number>,
): Map<T, number> {
  const tracks = new Map<number, T[]>();
  const given = new Map<T, number>();
  for (const span of spans) {
    for (const track of preferred(span)) {
      const others = tracks.get(track) ?? [];
      if (others.some((other) => overlap(other, span))) continue;
      tracks.set(track, [...others, span]);
      given.set(span, track);
      break;
    }
  }
  return given;
}

/** 0, 1, 2, … */
export function* upwards(): Generator<number> {
  for (let track = 0; ; track += 1) yield track;
}

/** From the middle to both sides, the given one first. */
export function* fromMiddle(side: 1 | -1): Generator<number> {
  yield 0;
  for (let track = 1; ; track += 1) yield* [side * track, -side * track];
}
