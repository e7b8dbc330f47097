/** Whom a task is put to: these persons, or anybody in the role. */
export interface Asked {
  role: string;
  candidates?: string[];
}

/** Whom a task goes to when it opens; whom it is escalated to when nobody else is left of the candidates. */
export function firstAsked(
  { role, candidates, escalateTo }: Asked & { escalateTo?: Asked },
  excluded: string[],
): Asked & { escalated: boolean } {
  const first = without(excluded, { role, ...(candidates && { candidates }) });
  const instead = escalateTo && without(excluded, escalateTo);
  if (isNobody(first) && instead && !isNobody(instead)) return { ...instead, escalated: true };
  return { ...first, escalated: false };
}

export function without(excluded: string[], { role, candidates }: Asked): Asked {
  return { role, ...(candidates && { candidates: candidates.filter((person) => !excluded.includes(person)) }) };
}

export function isNobody({ candidates }: Asked): boolean {
  return candidates?.length === 0;
}
