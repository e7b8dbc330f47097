import type { FoundCase } from '../../kit/client';
import type { CaseRecord } from '../../kit/contract';
import type { OpenedRow } from '../../platform/open-rows';
import { statusWords } from './case';
import { situation } from './lists';
import { command, nextCommand } from './next';
import { columns, plain, type Style } from './style';

/** What runs, what became of the cases of a file, and where everything is. */
export interface UpAnswer {
  rows: OpenedRow[];
  cases: FoundCase[];
  addresses: { api: string; temporal: string; temporalUi?: string; systems: Record<string, string> };
  /** How the first administrator sets a password, in words; absent once an administrator has one. */
  first?: string;
}

/** The cases with what is done, what each waits for and what to type next; the rows refused; the addresses. */
export function renderUp({ rows, cases, addresses, first }: UpAnswer, style: Style): string {
  const { bold } = style.colors;
  const refused = rows.flatMap((row) =>
    'reason' in row ? [[row.at, style.colors.red(row.status), plain(row.reason)]] : [],
  );
  return [
    ...(cases.length > 0 ? ['', bold('Cases'), caseTable(cases, style)] : []),
    ...(refused.length > 0 ? ['', bold('Rows that started no case'), columns(refused)] : []),
    '',
    bold('Addresses'),
    columns([
      ['API, with its documentation', `${addresses.api}/docs`],
      ['Temporal', addresses.temporal],
      ...(addresses.temporalUi === undefined ? [] : [['Temporal UI', addresses.temporalUi]]),
      ...Object.entries(addresses.systems).map(([name, url]) => [`${name}, API documentation`, `${url}/docs`]),
    ]),
    ...(first === undefined ? [] : ['', first]),
    '',
    `Everything runs. Type commands in another terminal, e.g. ${command(['tasks'], style)}`,
    'Ctrl-C stops it; state is kept.',
  ].join('\n');
}

function caseTable(cases: readonly FoundCase[], style: Style): string {
  const { cyan, dim } = style.colors;
  const heads = columns(
    cases.map((one) => [plain(one.record.caseId), statusWords(one.record, style), situation(one, style)]),
  ).split('\n');
  return cases
    .flatMap((one, index) => {
      const next = one.answered ? nextCommand(one.record, style) : command(['where', one.record.caseId], style);
      return [
        heads[index] ?? '',
        ...(one.answered ? [`    ${dim('done')}  ${doneWords(one.record)}`] : []),
        ...(next === undefined ? [] : [`    ${dim('next')}  ${cyan(next)}`]),
      ];
    })
    .join('\n');
}

/** Titles of the steps that are over, in order; one that came several times with how often. */
function doneWords({ steps }: CaseRecord): string {
  const times = new Map<string, number>();
  for (const { endedAt, title } of steps) {
    if (endedAt !== undefined) times.set(title, (times.get(title) ?? 0) + 1);
  }
  const titles = [...times].map(([title, count]) => (count > 1 ? `${plain(title)} (${count} times)` : plain(title)));
  return titles.length > 0 ? titles.join(', ') : 'nothing yet';
}
