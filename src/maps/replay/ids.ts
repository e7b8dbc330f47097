export type Ids = ReadonlySet<string>;

export function union(all: readonly Ids[]): Ids {
  return new Set(all.flatMap((ids) => [...ids]));
}

/** What all have; nothing where there are none. */
export function common(all: readonly Ids[]): Ids {
  const [first, ...others] = all;
  return new Set([...(first ?? [])].filter((id) => others.every((ids) => ids.has(id))));
}

export function without(ids: Ids, others: Ids): Ids {
  return new Set([...ids].filter((id) => !others.has(id)));
}
