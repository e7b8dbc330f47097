import type { Kysely } from 'kysely';
import { didYouMean } from '../service/did-you-mean';
import { Problem } from '../service/problem';
import type { ViewTables } from '../view/database';
import { readCase, recentNames, type KnownCase } from '../view/read';
import type { Person } from './person';
import { mayOn, readable, type Action } from './rules';

/**
 * The case of an id, for somebody who wants to do that to it.
 * @throws Problem 404 `unknown-case` when there is none or they may not read it, 403 `not-allowed`
 */
export async function caseFor(
  view: Kysely<ViewTables>,
  person: Person,
  action: Action,
  caseId: string,
): Promise<KnownCase> {
  const known = await readCase(view, caseId);
  if (!known || !mayOn(person, 'read', known.record)) throw await unknownCase(view, person, caseId);
  if (mayOn(person, action, known.record)) return known;
  throw new Problem(403, 'not-allowed', `${person.id} may not ${action} the case ${caseId}.`);
}

/** Says what was probably meant only to who may read all cases: anybody else learns nothing of those there are. */
export async function unknownCase(view: Kysely<ViewTables>, person: Person, idOrKey: string): Promise<Problem> {
  const hint = readable(person) === 'all' ? didYouMean(idOrKey, await recentNames(view)) : '';
  return new Problem(404, 'unknown-case', `There is no case "${idOrKey}"${hint || ' that you may see.'}`);
}
