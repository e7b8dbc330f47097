import type { OpenedCase } from '../../platform/door';
import type { OpenedRow } from '../../platform/open-rows';
import { processNamed } from '../../platform/process-named';
import { print } from '../print';
import type { ActingOptions, ExitCode } from '../program';
import { command } from '../render/next';
import { columns, plain, type Style } from '../render/style';
import { requestOf } from './request-fields';
import { acting } from '../session';
import { typed, WrongUse } from '../wrong-use';

type StartOptions = ActingOptions & { file?: string };

export async function start(name: string, words: string[], options: StartOptions): Promise<ExitCode> {
  const process = typed(() => processNamed(name));
  const { file } = options;
  const request = requestOf(process, words);
  if (file !== undefined && Object.keys(request).length > 0) {
    throw new WrongUse('A file and single fields are given.', 'Give --file or fields, not both.');
  }
  return acting(options, async ({ acts }) => {
    if (file === undefined) {
      const opened = await acts.start(process, request);
      print(options, opened, renderOpened);
      return opened.status === 'refused' ? 1 : 0;
    }
    const rows = await acts.startAll(process, file);
    print(options, { rows }, (answer, style) => renderRows(answer.rows, style));
    return rows.every(({ status }) => status === 'started' || status === 'already there') ? 0 : 1;
  });
}

export function restart(caseId: string, options: ActingOptions): Promise<ExitCode> {
  return acting(options, async ({ acts }) => {
    const reopened = await acts.restart(caseId);
    print(options, reopened, (answer, style) =>
      answer.status === 'refused'
        ? renderOpened(answer, style)
        : `Restarted ${plain(answer.caseId)} (restart ${answer.restart}).`,
    );
    return reopened.status === 'refused' ? 1 : 0;
  });
}

function renderOpened(opened: OpenedCase, style: Style): string {
  const { colors } = style;
  switch (opened.status) {
    case 'started':
      return `Started ${plain(opened.caseId)}.\nnext: ${colors.cyan(command(['where', opened.caseId], style))}`;
    case 'already there':
      return `${plain(opened.caseId)} is already there.\nnext: ${colors.cyan(command(['where', opened.caseId], style))}`;
    case 'refused':
      return colors.red(`Refused: ${plain(opened.reason)}`);
  }
}

function renderRows(rows: readonly OpenedRow[], { colors }: Style): string {
  return columns(
    rows.map((row) => {
      return 'reason' in row
        ? [row.at, colors.red(row.status), plain(row.reason)]
        : [row.at, colors.green(row.status), plain(row.caseId)];
    }),
  );
}
