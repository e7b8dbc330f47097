/** `calculateBonus` becomes `Calculate bonus`; `bonus.calculateBonus` too. */
export function humanise(name: string): string {
  const words = (name.split('.').at(-1) ?? name)
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const mostCharacters = 200;

/** A value as JSON of at most 200 characters; nothing for nothing. */
export function shortJson(value: unknown): string | undefined {
  const json: string | undefined = JSON.stringify(value);
  return json !== undefined && json.length > mostCharacters ? `${json.slice(0, mostCharacters - 1)}…` : json;
}
