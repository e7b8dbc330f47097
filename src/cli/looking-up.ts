import type { Client } from '@temporalio/client';
import {
  describeCase,
  getCase,
  listCases,
  NoSuchCase,
  silenceOf,
  type CaseDescription,
  type Silence,
} from '../kit/client';
import type { CaseRecord } from '../kit/contract';
import { didYouMean } from '../platform/did-you-mean';
import { UserError } from '../platform/user-error';

/** How many cases are looked through for a key without its kind, or for the id that was meant. */
const mostLookedThrough = 10_000;

/**
 * Where a case is: what it says of itself, and the server's word on calls being tried again; or the latter alone, and why.
 */
export type Whereabouts =
  | ({ answered: true; retrying: CaseDescription['retrying'] } & CaseRecord)
  | ({ answered: false; why: Silence } & CaseDescription);

/** @throws NoSuchCase */
export async function lookUp(client: Client, caseId: string): Promise<Whereabouts> {
  const description = await describeCase(client, caseId);
  try {
    return { answered: true, ...(await getCase(client, caseId)), retrying: description.retrying };
  } catch (error) {
    const why = silenceOf(error);
    if (why === undefined) throw error;
    return { answered: false, why, ...description };
  }
}

/**
 * Cases by id, or by a business key with its kind (`employee:E-1003`) or without (`E-1003`); newest first.
 * @throws UserError when there is none.
 */
export async function lookUpAll(client: Client, idOrKey: string): Promise<Whereabouts[]> {
  try {
    return [await lookUp(client, idOrKey)];
  } catch (error) {
    if (!(error instanceof NoSuchCase)) throw error;
  }
  const known = await knownCases(client);
  const found = known.filter(({ keys }) => keys.some((key) => key === idOrKey || valueOf(key) === idOrKey));
  if (found.length === 0)
    throw noCase(idOrKey, [
      ...known.map(({ caseId }) => caseId),
      ...new Set(known.flatMap(({ keys }) => keys.flatMap((key) => [key, valueOf(key)]))),
    ]);
  return Promise.all(found.map(({ caseId }) => lookUp(client, caseId)));
}

/**
 * Does something about the case of an id.
 * @throws UserError naming the id that was probably meant, when there is no such case.
 */
export async function aboutCase<Result>(client: Client, caseId: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof NoSuchCase)) throw error;
    throw noCase(
      caseId,
      (await knownCases(client)).map((known) => known.caseId),
    );
  }
}

function noCase(idOrKey: string, known: string[]): UserError {
  return new UserError(`no case ${idOrKey}${didYouMean(idOrKey, known)}`, 'The cases there are: npx whereabouts list');
}

function valueOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

async function knownCases(client: Client): Promise<{ caseId: string; keys: string[] }[]> {
  const known: { caseId: string; keys: string[] }[] = [];
  for await (const { caseId, keys } of listCases(client)) {
    known.push({ caseId, keys });
    if (known.length >= mostLookedThrough) break;
  }
  return known;
}
