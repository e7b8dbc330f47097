import type { Client } from '@temporalio/client';
import { decide, requireReadable, resolve } from '../../kit/client';
import { as } from '../actions';
import { cancelOnce } from '../cancelling';
import type { Taken } from './take';

/**
 * Does to a case what was begun, as the person and under an id of this item: whatever was done before is not done again.
 * @throws as `decide`, `resolve` and `cancelCase` do
 */
export async function send(anybody: Client, item: Taken): Promise<void> {
  const client = as(anybody, item.person);
  const { case_id: caseId, person: by, act, shown } = item;
  const step = item.step ?? '';
  const id = `batch-${item.batch}-${item.id}`;
  switch (act.action) {
    case 'decide': {
      await requireReadable(client, caseId);
      const { decision, comment, data } = act;
      const { shownHash } = shown;
      const more = {
        ...(comment !== undefined && { comment }),
        ...(data !== undefined && { data }),
        ...(shownHash !== undefined && { shownHash }),
      };
      await decide(client, caseId, { task: step, by, decision, ...more }, { updateId: id });
      return;
    }
    case 'resolve': {
      await requireReadable(client, caseId);
      const { resolution: action, reason, result } = act;
      const more = result !== undefined && { result };
      await resolve(client, caseId, { step, by, action, reason, ...more }, { updateId: id });
      return;
    }
    case 'cancel':
      await cancelOnce(client, caseId, { by, reason: act.reason }, { requestId: id, again: item.tries > 1 });
  }
}
