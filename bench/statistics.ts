import { createHistogram } from 'node:perf_hooks';

/** Median, smallest and largest of what several rounds gave. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spreadOf(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = NaN, high = NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { median: (low + high) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Each value by the one of the same round that it is compared with. */
export function ratiosOf(values: number[], base: number[]): number[] {
  return values.map((value, round) => value / (base[round] ?? NaN));
}

/** The value, in milliseconds, that so many per cent of the values do not exceed. */
export function percentile(milliseconds: number[], percent: number): number {
  if (milliseconds.length === 0) return NaN;
  const histogram = createHistogram();
  for (const value of milliseconds) histogram.record(Math.max(1, Math.round(value * 1000)));
  return histogram.percentile(percent) / 1000;
}

export function sumOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
