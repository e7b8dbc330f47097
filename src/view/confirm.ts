import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { isServerLost } from '../kit/client';
import { databaseTrouble } from '../service/database';
import { askCase } from './ask';
import { keepApart } from './apart';
import { eachAtOnce, inGroups } from './at-once';
import type { ViewTables } from './database';
import { askSilentSoon, askSoon, casesToConfirm, postpone, stillSo, type DueCase } from './due';
import { confirmCases, keepWithoutServer } from './keep';
import type { Confirmed } from './knowledge';
import type { SilentQueues } from './silent-queues';

type Db = Kysely<ViewTables>;

/** How many cases are asked at the same time. */
export const askedAtOnce = 10;
const inOnePass = 50;

/**
 * Asks cases that are due where they are and keeps what they answer; tells whether there may be more of them. Where the
 * server or the database is lost, those that were taken on are left to be asked again.
 * @throws what the server or the database fails with
 */
export async function confirmDue(db: Db, client: Client, queues: SilentQueues, log: Logger): Promise<boolean> {
  const due = await casesToConfirm(db, inOnePass);
  const left = new Set(due.map(({ caseId }) => caseId));
  const putOff = async (caseId: string, error: unknown) => {
    log.warn({ caseId, err: error }, 'A case could not be asked, or not be kept; it is asked again later');
    await postpone(db, caseId);
  };
  const keep = inGroups((answers: Confirmed[]) =>
    keepApart(
      answers,
      (some) => confirmCases(db, some),
      ({ record }, error) => putOff(record.caseId, error),
    ),
  );
  try {
    await eachAtOnce(due, askedAtOnce, async (one) => {
      await confirm(db, client, one, queues, keep).catch((error: unknown) => {
        if (isLoss(error)) throw error;
        return putOff(one.caseId, error);
      });
      left.delete(one.caseId);
    });
  } catch (error) {
    await askSoon(db, [...left]);
    throw error;
  }
  if (queues.heardAgain()) await askSilentSoon(db);
  return due.length === inOnePass;
}

/** Asks a case where it is and has kept what it answers, or what else is to be known of it. */
export async function confirm(
  db: Db,
  client: Client,
  due: DueCase,
  queues: SilentQueues,
  keep: (answer: Confirmed) => Promise<void>,
): Promise<void> {
  const told = await askCase(client, due, queues);
  switch (told.about) {
    case 'the case':
      return keep(told.answer);
    case 'its silence':
      if (told.answer) await keep(told.answer);
      return postpone(db, due.caseId);
    case 'nothing new':
      return stillSo(db, due);
    case 'no such case':
      return keepWithoutServer(db, due.caseId);
  }
}

/** Whether the server or the database fails, and not one case. */
export function isLoss(error: unknown): boolean {
  return isServerLost(error) || databaseTrouble(error) !== undefined;
}
