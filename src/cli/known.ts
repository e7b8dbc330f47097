import type { Client } from '@temporalio/client';
import { getCase, NoSuchCase, type FoundCase, findCases } from '../kit/client';
import { caseKeysAttribute, caseProcessAttribute } from '../kit/contract';
import { didYouMean } from '../platform/did-you-mean';
import { UserError } from '../platform/user-error';

/** How many cases are looked through for a key or a name that was meant. */
const mostLookedThrough = 10_000;

interface KnownCase {
  caseId: string;
  keys: string[];
}

/** The newest cases of the server with their keys. */
async function knownCases(client: Client): Promise<KnownCase[]> {
  const known: KnownCase[] = [];
  for await (const { workflowId, searchAttributes } of client.workflow.list({ query: `${caseProcessAttribute} IS NOT NULL` })) {
    known.push({ caseId: workflowId, keys: (searchAttributes[caseKeysAttribute] ?? []) as string[] });
    if (known.length >= mostLookedThrough) break;
  }
  return known;
}

/** Cases by id, or by a business key with or without its kind. */
export async function casesOf(client: Client, idOrKey: string): Promise<FoundCase[]> {
  const byId = await withSuggestion
}
