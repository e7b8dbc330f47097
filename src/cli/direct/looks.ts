import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import {
  describeCase,
  findCases,
  getCase,
  historyOf,
  listCases,
  NoSuchCase,
  silenceOf,
  type CaseDescription,
  type FoundCase,
} from '../../kit/client';
import type { CaseRecord } from '../../kit/contract';
import { didYouMean } from '../../service/did-you-mean';
import { UserError } from '../../platform/user-error';
import { drawn, mapOfProcess } from '../drawn';
import { keyOf, noCase } from '../no-case';
import {
  fieldsOfView,
  type FilterOfView,
  type ListedCase,
  type Looks,
  type Unanswered,
  type Whereabouts,
} from '../cases';
import { WrongUse } from '../wrong-use';

/** How many cases are looked through for a key without its kind, or for the id that was meant. */
const mostLookedThrough = 10_000;

/** Temporal itself as the one that answers: its server, and each case about itself. */
export function looksDirect(client: Client): Looks {
  return {
    find: (idOrKey) => lookUpAll(client, idOrKey),
    read: (caseId) => aboutCase(client, caseId, () => lookUp(client, caseId)),
    follow: (caseId) => askAgain(client, caseId),
    history: (caseId) => aboutCase(client, caseId, () => historyOf(client, caseId)),
    async drawOnMap(found, format) {
      if (found.answered === false) throw new UserError(`${found.caseId} does not answer.`, 'Its steps are not known.');
      const { statesOf } = require('../../maps/replay') as typeof import('../../maps/replay');
      const map = await mapOfProcess(found.process);
      return drawn(map, format, statesOf(map, found));
    },
    async list(wanted) {
      refuseFieldsOfView(wanted);
      const found = await findCases(client, wanted);
      return found.map(asListed);
    },
    async tasks(role) {
      const { records, silent } = await openCases(client);
      const tasks = records.flatMap(({ caseId, process, waitingFor }) =>
        waitingFor.map((task) => ({ caseId, process, ...task })),
      );
      return { tasks: tasks.filter((task) => role === undefined || task.role === role), silent };
    },
    async incidents() {
      const { records, silent } = await openCases(client);
      const incidents = records.flatMap(({ caseId, process, incidents: parked }) =>
        parked.map((incident) => ({ caseId, process, ...incident })),
      );
      return { incidents, watch: [], silent };
    },
  };
}

/** @throws WrongUse for what the server's search does not know of cases */
function refuseFieldsOfView(wanted: FilterOfView): void {
  const given = fieldsOfView.find((field) => wanted[field] !== undefined);
  if (given === undefined) return;
  throw new WrongUse(
    `Temporal itself does not find cases by --${given}: it takes the API.`,
    'Leave --direct out, or set WHEREABOUTS_URL.',
  );
}

/** A case that was found, in one. */
export function asListed(found: FoundCase): ListedCase {
  return found.answered ? { answered: true, ...found.record } : { answered: false, why: found.why, ...found.record };
}

/** What all open cases say of themselves, and those that should but do not answer. */
async function openCases(client: Client): Promise<{ records: CaseRecord[]; silent: Unanswered }> {
  const found = await findCases(client, { status: 'open', limit: Infinity });
  return {
    records: found.flatMap((one) => (one.answered ? [one.record] : [])),
    silent: found.flatMap((one) => (one.answered || one.why === 'not recorded' ? [] : [one])),
  };
}

/** How often the server is asked where a case is that is followed, in milliseconds. */
const askAgainAfter = 1_000;

async function* askAgain(client: Client, caseId: string): AsyncGenerator<Whereabouts> {
  for (;;) {
    yield await aboutCase(client, caseId, () => lookUp(client, caseId));
    await sleep(askAgainAfter);
  }
}

/** @throws NoSuchCase */
async function lookUp(client: Client, caseId: string): Promise<Whereabouts> {
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
async function lookUpAll(client: Client, idOrKey: string): Promise<Whereabouts[]> {
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
    throw noCase(caseId, withKey.length > 0 ? keyOf(withKey) : didYouMean(caseId, ids));
  }
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
