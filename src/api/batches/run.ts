import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { databaseTrouble } from '../../service/database';
import { Problem } from '../../service/problem';
import { atOneMoment, fittingAmong } from '../../view/changes';
import type { ViewTables } from '../../view/database';
import type { KnownCase } from '../../view/read';
import { repeat } from '../../view/run';
import { caseFor } from '../access';
import { personNow } from '../identity/asker';
import type { IdentityTables } from '../identity/tables';
import type { Person } from '../person';
import { asProblem } from '../problems';
import { may, readable } from '../rules';
import { itemsOf } from './items';
import { send } from './send';
import { endItem, holding, isSomethingToDo, markBegun, takeNext, type Ended, type Own, type Taken } from './take';

export interface BatchOptions {
  /** The API's own database, with a connection for each item at work and one more. */
  db: Kysely<Own>;
  view: Kysely<ViewTables>;
  client: Client;
  log: Logger;
}

/** Items that one process works on at once. */
const atOnce = 8;
/** How often is looked for what is to be done, in milliseconds. */
const lookEvery = 500;
/** So long it is waited for Temporal to say that it is there, in milliseconds. */
const longestLook = 5_000;
/** An item that was not answered so often, in some 80 seconds, is not tried any more. */
const mostTries = 5;

/**
 * Works off the batches that were started, until it is stopped. Any number of processes may do it at once: an item is
 * held by one of them, and set free when that ends, however it does. What is done is kept before it is sent, and sent
 * under the same id however often, so that it happens once. While Temporal or a database is lost that waits.
 */
export function runBatches({ db, view, client, log }: BatchOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const working = repeat('Batches are not worked off', stopped.signal, client, log, async () => {
    if (!(await isSomethingToDo(db))) return lookEvery;
    await client.withDeadline(Date.now() + longestLook, () => client.workflowService.getSystemInfo({}));
    const ended = await Promise.allSettled(Array.from({ length: atOnce }, workOff));
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    return 0;
  });

  async function workOff(): Promise<void> {
    while (!stopped.signal.aborted && (await workOnOne()));
  }

  /** False when there was nothing to do. */
  async function workOnOne(): Promise<boolean> {
    const begun = await db.transaction().execute(async (trx) => {
      const item = await takeNext(trx);
      if (!item) return undefined;
      const person = await personNow(trx as unknown as Kysely<IdentityTables>, {
        person: item.person,
        actedBy: item.acted_by,
      });
      const ended = await whyNot(item, person);
      if (ended) await endItem(trx, item, ended);
      else await markBegun(trx, item);
      return { id: item.id, isOver: ended !== undefined };
    });
    if (begun && !begun.isOver) await finish(begun.id);
    return begun !== undefined;
  }

  /** Why an item is not done, as things are now; what was begun before is finished, as long as the person may. */
  async function whyNot(item: Taken, person: Person | undefined): Promise<Ended | undefined> {
    const { act, case_id: caseId } = item;
    if (!person || !may(person, act.action, 'Case')) {
      const problem = new Problem(403, 'not-allowed', `${item.person} may not ${act.action} any case now.`);
      return { state: 'refused', problem };
    }
    try {
      const known = await caseFor(view, person, act.action, caseId);
      return item.state === 'waiting' ? await noLongerFits(item, known, person) : undefined;
    } catch (error) {
      if (error instanceof Problem) return { state: 'refused', problem: error };
      throw error;
    }
  }

  async function noLongerFits({ act, search, case_id: caseId, step, shown }: Taken, known: KnownCase, person: Person) {
    const leftOut = (why: string) => ({
      state: 'left out' as const,
      problem: new Problem(409, 'no-longer-fits', `Case ${caseId} ${why}.`),
    });
    const fits = await atOneMoment(view, (moment) => fittingAmong(moment, [caseId], search, readable(person)));
    if (!fits.get(caseId)) return leftOut('does not fit the search any more');
    const { record } = known;
    const found = itemsOf(act, search, { record, currentSteps: record.steps }, person);
    const now = found.find((one) => step === null || one.step === step);
    if (!now) return leftOut(`does not wait at ${step} any more`);
    if (now.problem) return { state: 'refused' as const, problem: now.problem };
    return isDeepStrictEqual(now.shown, shown) ? undefined : leftOut('is not as it was shown any more');
  }

  async function finish(id: number): Promise<void> {
    await holding(db, id, async (session, item) => {
      const ended = await send(client, item).then(
        (): Ended => ({ state: 'done' }),
        (error: unknown) => asEnded(error, item),
      );
      if (ended) await session.transaction().execute((trx) => endItem(trx, item, ended));
    });
  }

  /** Undefined for a case that does not answer, which is asked again later. @throws what all others would meet as well */
  function asEnded(error: unknown, { case_id: caseId, tries }: Taken): Ended | undefined {
    const problem = asProblem(error);
    const isKnown = problem instanceof Problem;
    const mayPass = isKnown && problem.status === 503 && tries < mostTries;
    if (mayPass && problem.name === 'not-recorded' && !stopped.signal.aborted) return undefined;
    if (stopped.signal.aborted || databaseTrouble(error) || mayPass) throw error;
    if (isKnown) return { state: problem.status === 409 ? 'left out' : 'refused', problem };
    log.error({ err: error, caseId }, 'an item of a batch failed unexpectedly');
    const unexpected = new Problem(500, 'internal-server-error', 'Something went wrong here; the log says more.');
    return { state: 'refused', problem: unexpected };
  }

  return {
    async stop() {
      stopped.abort();
      await working;
    },
  };
}
