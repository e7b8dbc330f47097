import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Money } from '../../src/service/money';

/** The tables with worked figures (first column `No.`) of a Markdown file of the project: each row by its columns' heads. */
export function workedFigures(file: string): Record<string, string>[] {
  const lines = readFileSync(join(__dirname, '../..', file), 'utf8').split('\n');
  let heads: string[] | undefined;
  const rows: Record<string, string>[] = [];
  for (const line of lines) {
    const cells = line.startsWith('|')
      ? line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
      : undefined;
    if (cells === undefined) heads = undefined;
    else if (cells[0] === 'No.') heads = cells;
    else if (heads !== undefined && /^[0-9]+$/.test(cells[0] ?? '')) {
      rows.push(Object.fromEntries(heads.map((head, column) => [head, cells[column] ?? ''])));
    }
  }
  return rows;
}

/** `4,200.00 EUR` as money; what follows the currency is not read. */
export function moneyIn(text: string | undefined): Money {
  const [, amount = '', currency = ''] = /^([0-9,]+\.[0-9]{2}) ([A-Z]{3})/.exec(text ?? '') ?? [];
  if (currency === '') throw new Error(`no amount of money: ${text ?? 'nothing'}`);
  return { amountInCents: Number(amount.replace(/[,.]/g, '')), currency };
}
