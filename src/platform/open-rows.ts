import type { OpenedCase } from './door';
import { readRequests, type Row } from './requests';
import { UserError } from './user-error';

/** What came of one row of a file. `failed`: no fault of the row; the same can be sent again. */
export type OpenedRow = { at: string } & (OpenedCase | { status: 'failed'; reason: string });

/**
 * Opens what each row of a file asks for (see {@link readRequests}), at most ten at once; a row that is refused or fails
 * stops no other. Answers in the rows' order.
 * @throws UserError for a file that cannot be used, and what `open` throws of that kind.
 */
export async function openRows(
  file: string,
  open: (request: Record<string, unknown>) => Promise<OpenedCase>,
): Promise<OpenedRow[]> {
  const rows = await readRequests(file);
  const opened: OpenedRow[] = [];
  const waiting = rows.entries();
  const work = async () => {
    for (const [index, row] of waiting) opened[index] = await openRow(row, open);
  };
  await Promise.all(Array.from({ length: 10 }, work));
  return opened;
}

async function openRow(row: Row, open: (request: Record<string, unknown>) => Promise<OpenedCase>): Promise<OpenedRow> {
  const { at } = row;
  if ('unreadable' in row) return { at, status: 'refused', reason: row.unreadable, errors: [] };
  try {
    return { at, ...(await open(row.request)) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { at, status: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
