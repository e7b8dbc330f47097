import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse, type CsvError, type Info } from 'csv-parse/sync';
import { UserError } from './user-error';

/** One row of a file of requests: where it stands, and the request or why it cannot be read. */
export type Row = { at: string; request: Record<string, unknown> } | { at: string; unreadable: string };

/**
 * Reads requests from a file: CSV with a header of field names, or JSON with one request or a list of them. Empty cells
 * are fields not given. A row that cannot be read is a row like any other.
 * @throws UserError when the file as a whole cannot be read.
 */
export async function readRequests(file: string): Promise<Row[]> {
  const text = await readText(file);
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return csvRows(text, file);
    case '.json':
      return jsonRows(text, file);
    default:
      throw new UserError(`The file ${file} is neither .csv nor .json.`, 'Give a file that ends in .csv or .json.');
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is none' : String(error);
    throw new UserError(`The file ${file} cannot be read: ${reason}.`, 'Give the path of a CSV or JSON file.');
  }
}

interface CsvRecord {
  record: string[];
  info: Info;
}

function csvRows(text: string, file: string): Row[] {
  const unreadable: Row[] = [];
  const onSkip = (error: CsvError | undefined) => {
    const at = `line ${Number(error?.['lines'])}`;
    unreadable.push({ at, unreadable: `is not CSV: ${error?.message ?? ''}` });
    return undefined;
  };
  const records = parse(text, {
    bom: true,
    trim: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: onSkip,
  }) as unknown as CsvRecord[];
  const [header, ...rest] = records;
  if (!header)
    throw new UserError(`The file ${file} is empty.`, 'Give it a first line of field names, e.g. employee,month.');
  return [...rest.map(({ record, info }) => csvRow(header.record, record, info.lines)), ...unreadable];
}

function csvRow(header: string[], cells: string[], line: number): Row {
  const at = `line ${line}`;
  if (cells.length !== header.length) {
    return {
      at,
      unreadable: `has ${cells.length === 1 ? 'one cell' : `${cells.length} cells`}, the header ${header.length}: ${header.join(', ')}`,
    };
  }
  const given = header.map((name, column) => [name, cells[column]] as const).filter(([, value]) => value !== '');
  return { at, request: Object.fromEntries(given) };
}

function jsonRows(text: string, file: string): Row[] {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UserError(`The file ${file} is not JSON: ${(error as Error).message}.`, 'Mend it and try again.');
  }
  return (Array.isArray(content) ? content : [content]).map((request: unknown, index) => {
    const at = `entry ${index + 1}`;
    const isObject = typeof request === 'object' && request !== null && !Array.isArray(request);
    return isObject ? { at, request: request as Record<string, unknown> } : { at, unreadable: 'is not an object' };
  });
}
