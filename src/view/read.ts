import type { Kysely } from 'kysely';
import type { CaseRecord } from '../kit/client';
import type { ViewTables } from './database';
import { newest, type Knowledge } from './knowledge';

/** A case as the view knows it. */
export interface KnownCase {
  record: CaseRecord;
  /** Whether the case itself said so, and not only its worker. */
  confirmed: boolean;
  /** As of when that was so, ISO 8601 in UTC. */
  asOf: string;
  /** There may be steps that are not known, or known as they were: reports were missed, or nobody can ask the case. */
  partial: boolean;
}

/** Cases by id, by key (`employee:E-1001`) or by its value alone (`E-1001`): the one of that id, else all with that key. */
export async function readCases(db: Kysely<ViewTables>, idOrKey: string): Promise<KnownCase[]> {
  if (idOrKey.includes('\0')) return [];
  const byId = await db.selectFrom('cases').select('knowledge').where('case_id', '=', idOrKey).executeTakeFirst();
  if (byId) return [asKnown(byId.knowledge)];
  const byKey = await db
    .selectFrom('cases')
    .select('knowledge')
    .where('case_id', 'in', (keys) =>
      keys
        .selectFrom('keys')
        .select('case_id')
        .where((either) => either.or([either('key', '=', idOrKey), either('value', '=', idOrKey)])),
    )
    .orderBy('started_at', 'desc')
    .execute();
  return byKey.map(({ knowledge }) => asKnown(knowledge));
}

export function asKnown(knowledge: Knowledge): KnownCase {
  const { record } = newest(knowledge);
  const { confirmed, reported } = knowledge;
  if (reported) return { record, confirmed: false, asOf: reported.reportedAt, partial: reported.gaps ?? false };
  return { record, confirmed: true, asOf: confirmed?.confirmedAt ?? '', partial: confirmed?.partial ?? false };
}
