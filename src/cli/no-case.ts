import { UserError } from '../platform/user-error';

/** There is no such case; the hint says which was probably meant. */
export function noCase(idOrKey: string, hint: string): UserError {
  return new UserError(`no case ${idOrKey}${hint}`, 'The cases there are: npx whereabouts list');
}

/** The hint on what is a key of cases where the id of one is needed. */
export function keyOf(caseIds: string[]): string {
  const more = caseIds.length - 3;
  const named = caseIds.slice(0, 3).join(', ');
  return `; it is a key of ${more > 0 ? `${named} and ${more} more` : named}`;
}
