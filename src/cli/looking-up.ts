import type { Client } from '@temporalio/client';
import {
  describeCase,
  Encrypted,
  getCase,
  listCases,
  NoSuchCase,
  silenceOf,
  type CaseDescription,
  type FoundCase,
  type Silence,
} from '../kit/client';
import type { CaseRecord } from '../kit/contract';
import { didYouMean } from '../service/did-you-mean';
import { UserError } from '../platform/user-error';

/** How many cases are looked through for a key without its kind, or for the id that was meant. */
const mostLookedThrough = 10_000;

/**
 * Where a case is: what it says of itself, and the server's word on calls being tried again; or the latter alone, and why.
 */
export type Whereabouts =
  | ({ answered: true; retrying: CaseDescription['retrying'] } & CaseRecord)
  | ({ answered: false; why: Silence } & CaseDescription);

/** A case that was found, in JSON. */
export function asJson({ record, ...found }: FoundCase) {
  return { ...found, ...record };
}

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
 * Before something is sent to a case: whoever started it with a codec wants nothing of it to be read by others. One that
 * was started without input is asked.
 * @throws Encrypted, NoSuchCase; as getCase does
 */
export async function requireReadable(client: Client, caseId: string): Promise<void> {
  await describeCase(client, caseId);
  const execution = { workflowId: caseId };
  const page = { namespace: client.options.namespace, execution, maximumPageSize: 1 };
  const { history } = await client.workflowService.getWorkflowExecutionHistory(page);
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const encoding = ({ metadata }: (typeof payloads)[number]) => Buffer.from(metadata?.['encoding'] ?? []).toString();
  if (!payloads.every((payload) => plainEncodings.test(encoding(payload)))) throw new Encrypted(caseId);
  if (payloads.length === 0) await getCase(client, caseId);
}

/** What Temporal's own converters write. */
const plainEncodings = /^(?:json|binary)\/(?:plain|null|protobuf)$/;

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
  const found = known.filter((one) => hasKey(one, idOrKey));
  if (found.length === 0) {
    const words = known.flatMap(({ caseId, keys }) => [caseId, ...keys.flatMap((key) => [key, valueOf(key)])]);
    throw noCase(idOrKey, didYouMean(idOrKey, new Set(words)));
  }
  return Promise.all(found.map(({ caseId }) => lookUp(client, caseId)));
}

/**
 * Does something about the case of an id.
 * @throws UserError naming the case that was probably meant, when there is none of this id.
 */
export async function aboutCase<Result>(client: Client, caseId: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof NoSuchCase)) throw error;
    const known = await knownCases(client);
    const withKey = known.filter((one) => hasKey(one, caseId)).map((one) => one.caseId);
    const ids = known.map((one) => one.caseId);
    throw noCase(caseId, withKey.length > 0 ? `; it is a key of ${shortList(withKey)}` : didYouMean(caseId, ids));
  }
}

function noCase(idOrKey: string, hint: string): UserError {
  return new UserError(`no case ${idOrKey}${hint}`, 'The cases there are: npx whereabouts list');
}

function shortList(words: string[]): string {
  const more = words.length - 3;
  return more > 0 ? `${words.slice(0, 3).join(', ')} and ${more} more` : words.join(', ');
}

function hasKey({ keys }: KnownCase, wanted: string): boolean {
  return keys.some((key) => key === wanted || valueOf(key) === wanted);
}

function valueOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

type KnownCase = Pick<CaseDescription, 'caseId' | 'keys'>;

async function knownCases(client: Client): Promise<KnownCase[]> {
  const known: KnownCase[] = [];
  for await (const { caseId, keys } of listCases(client)) {
    known.push({ caseId, keys });
    if (known.length >= mostLookedThrough) break;
  }
  return known;
}
