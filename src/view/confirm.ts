import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { NoServer } from '../kit/client';
import { databaseTrouble } from '../service/database';
import { askCase } from './ask';
import { eachAtOnce } from './at-once';
import type { ViewTables } from './database';
import { askSilentSoon, askSoon, casesToConfirm, postpone, stillSo, type DueCase } from './due';
import { confirmCase, keepWithoutServer } from './keep';
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
  try {
    await eachAtOnce(due, askedAtOnce, async (one) => {
      await confirm(db, client, one, queues).catch(async (error: unknown) => {
        if (isLoss(error)) throw error;
        log.warn({ caseId: one.caseId, err: error }, 'A case could not be asked; it is asked again later');
        await postpone(db, one.caseId);
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

/** Asks a case where it is and keeps what it answers, or what else is to be known of it. */
export async function confirm(db: Db, client: Client, due: DueCase, queues: SilentQueues): Promise<void> {
  const told = await askCase(client, due, queues);
  switch (told.about) {
    case 'the case':
      return confirmCase(db, told.answer);
    case 'its silence':
      if (told.answer) await confirmCase(db, told.answer);
      return postpone(db, due.caseId);
    case 'nothing new':
      return stillSo(db, due);
    case 'no such case':
      return keepWithoutServer(db, due.caseId);
  }
}

/** Whether the server or the database fails, and not one case. */
export function isLoss(error: unknown): boolean {
  if (error instanceof NoServer || databaseTrouble(error) !== undefined) return true;
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && lost.includes(cause.code);
}

/** Codes of gRPC: cancelled, deadline exceeded, permission denied, unavailable, unauthenticated. */
const lost: number[] = [1, 4, 7, 14, 16];
