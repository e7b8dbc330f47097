import Table from 'cli-table3';
import type { Spread } from './statistics';

/** What was found, for people. */
export interface Findings {
  title: string;
  head: string[];
  rows: string[][];
  /** What one has to know to read it. */
  notes?: string[];
}

/** As a table for the terminal, or as Markdown. */
export function render({ title, head, rows, notes = [] }: Findings, markdown: boolean): string {
  if (markdown) {
    const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
    return [`### ${title}`, '', ...[head, rule, ...rows].map(line), ...notes.flatMap((note) => ['', note]), ''].join(
      '\n',
    );
  }
  const table = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows);
  return [title, table.toString(), ...notes, ''].join('\n');
}

/** `71.2 (68.0 to 73.1)` */
export function inWords({ median, min, max }: Spread, digits = 1): string {
  return Number.isNaN(median) ? '–' : `${figure(median, digits)} (${figure(min, digits)} to ${figure(max, digits)})`;
}

export function figure(value: number, digits = 1): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}
