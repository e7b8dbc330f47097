/** Makes ids of blocks: a path of names, with a number where a name was used before in the same place. */
export interface Ids {
  path: string;
  take(name: string): string;
  inside(name: string): Ids;
}

export function idsIn(path: string): Ids {
  const used = new Map<string, number>();
  const take = (name: string) => {
    const before = used.get(name) ?? 0;
    used.set(name, before + 1);
    return [path, before === 0 ? name : `${name}#${before + 1}`].filter((part) => part !== '').join('/');
  };
  return { path, take, inside: (name) => idsIn(take(name)) };
}
