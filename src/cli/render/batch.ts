import type { Batch } from '../api/batches';
import { columns, plain, type Style } from './style';

type Item = Batch['page'][number];
type Counts = Pick<Batch, 'items' | 'counts'>;

/** More rows than this are not read by anybody. */
const mostRows = 100;

/** What would be done to each, and how many that are. */
export function renderShown({ page, ...batch }: Batch, style: Style): string {
  if (page.length === 0) return 'Nothing fits: there is nothing to do.';
  const what = inShort(batch);
  const rows = page
    .slice(0, mostRows)
    .map((item) => cells(item, item.state === 'shown' ? what : stateWords(item), style));
  const more = page.length - rows.length;
  return [
    columns(rows, ['case', 'step', 'what'].map(style.colors.dim)),
    ...(more > 0 ? [`and ${more} more, which --json shows`] : []),
    '',
    `${batch.counts.shown} to ${batch.action}, ${batch.counts['left out']} left out.`,
  ].join('\n');
}

/** What was not done, and why; and how many were. */
export function renderEnded({ page, ...batch }: Batch, style: Style): string {
  const notDone = page.filter(({ state }) => state !== 'done');
  const rows = notDone.map((item) => cells(item, style.colors.red(stateWords(item)), style));
  return [...(rows.length > 0 ? [columns(rows), ''] : []), `${countWords(batch)}.`].join('\n');
}

/** How many are in which state, e.g. `10 of 12 done, 2 at work`. */
export function countWords({ items, counts }: Counts): string {
  const { done, ...others } = counts;
  const rest = Object.entries(others).filter(([, count]) => count > 0);
  return [`${done} of ${items} done`, ...rest.map(([state, count]) => `${count} ${state}`)].join(', ');
}

function cells({ caseId, step = '' }: Item, what: string, { colors }: Style): string[] {
  return [colors.bold(plain(caseId)), plain(step), what];
}

function stateWords({ state, problem }: Item): string {
  return problem ? `${state}: ${plain(problem.detail)}` : state;
}

function inShort({ action, decision, resolution }: Omit<Batch, 'page'>): string {
  return plain(decision ?? resolution ?? action);
}
