import { didYouMean } from '../service/did-you-mean';
import { WrongUse } from './wrong-use';

const mapFormats = ['mermaid', 'svg', 'json'] as const;

/** In what a map is printed. */
export type MapFormat = (typeof mapFormats)[number];

/** @throws WrongUse */
export function mapFormatNamed(format: string): MapFormat {
  const found = mapFormats.find((one) => one === format);
  if (found) return found;
  throw new WrongUse(
    `${format} is no format of a map${didYouMean(format, mapFormats)}`,
    `Give one of ${mapFormats.join(', ')}.`,
  );
}
