import { findAddresses } from '../../platform/addresses';
import { listMessages } from '../../platform/messages';
import { print } from '../print';
import type { CommonOptions } from '../program';
import { renderMessages } from '../render/lists';
import { placeOf } from '../session';
import { WrongUse } from '../wrong-use';

export async function messages(options: CommonOptions & { limit: string }): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) {
    throw new WrongUse(`--limit ${options.limit} is not a number from 1 to 200.`, 'Give --limit 50, or leave it out.');
  }
  const addresses = await findAddresses(placeOf(options));
  const found = await listMessages(addresses.systemUrl('notifications'), limit);
  print(options, { messages: found }, (answer, style) => renderMessages(answer.messages, style));
}
