import { CommanderError } from 'commander';
import { version } from '../platform/package';
import { buildProgram } from './program';
import { reportError } from './report-error';

/** Runs the command that was typed. Ends with 0 when all is fine, 1 when something failed, 2 for wrong use. */
async function main(argv: string[]): Promise<void> {
  const program = buildProgram(version, (code) => {
    process.exitCode = code;
  });
  const grouped = program.commands.flatMap(({ commands }) => commands);
  for (const command of [program, ...program.commands, ...grouped]) command.exitOverride();
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode =
      error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : reportError(error, argv.includes('--json'));
  }
}

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
void main(process.argv);
