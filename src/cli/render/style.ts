import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** What rendering depends on beside the data. */
export interface Style {
  now: Date;
  colors: Colors;
  /** IANA name; the machine's own when absent. */
  timeZone?: string;
  /** The data folder, when it is not the usual one: commands to type next have to name it. */
  dataDir?: string;
}

/** The style for standard output: colours on a terminal only. */
export function styleOfTerminal({ dataDir }: { dataDir?: string }): Style {
  return {
    ...(dataDir !== undefined && { dataDir }),
    now: new Date(),
    colors: picocolors.createColors(picocolors.isColorSupported && process.stdout.isTTY === true),
  };
}

/** Text that came from outside, without anything that could steer a terminal; line breaks become spaces. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, ' ');
}

const noBorders = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** Rows under each other in aligned columns; no head when there is none. */
export function columns(rows: string[][], head: string[] = []): string {
  const table = new Table({
    head,
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
