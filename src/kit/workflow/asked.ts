import { isAmong } from './exclusion';

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
  return { role, ...(candidates && { candidates: candidates.filter((person) => !isAmong(person, excluded)) }) };
}

export function isNobody({ candidates }: Pick<Asked, 'candidates'>): boolean {
  return candidates?.length === 0;
}

/** e.g. `manager E-1005 or E-1009`; nobody left of the candidates is said as such. */
export function whoInWords({ role, candidates }: Asked): string {
  if (!candidates) return role;
  return candidates.length > 0 ? `${role} ${candidates.join(' or ')}` : `${role}; nobody is left who may decide`;
}
