import type { Step } from '../contract';

const mostCharactersOfResult = 200;

/** The result of a step as JSON of at most 200 characters; nothing for nothing, and for what JSON cannot hold. */
export function resultInShort(value: unknown): Pick<Step, 'result'> {
  const json = jsonOf(value);
  if (json === undefined) return {};
  return { result: inShort(json, mostCharactersOfResult) };
}

/** The text, of which no more is kept than so many characters. */
export function inShort(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

/** A payload converter of the project may have made something of the result that is no JSON, e.g. a BigInt. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
