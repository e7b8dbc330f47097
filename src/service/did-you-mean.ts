import { distance } from 'fastest-levenshtein';

/** The known word that was probably meant: the nearest one, when at most a third of it (and at least one letter) differs. */
export function meant(word: string, known: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  const [nearest] = [...known]
    .filter((candidate) => candidate !== word)
    .map((candidate) => ({ candidate, differs: distance(lower, candidate.toLowerCase()) }))
    .filter(({ candidate, differs }) => differs <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.differs - b.differs);
  return nearest?.candidate;
}

/** `; did you mean X?`, or nothing when no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const candidate = meant(word, known);
  return candidate === undefined ? '' : `; did you mean ${candidate}?`;
}
