import { styleOfTerminal, type Style } from './render/style';

/** Prints the answer of a command: as JSON for machines, else in words. */
export function print<Answer>(
  { json, dataDir }: { json?: true; dataDir?: string },
  answer: Answer,
  render: (answer: Answer, style: Style) => string,
): void {
  process.stdout.write(
    `${json ? JSON.stringify(answer) : render(answer, styleOfTerminal(dataDir === undefined ? {} : { dataDir }))}\n`,
  );
}
