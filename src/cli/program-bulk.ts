import type { Command } from 'commander';
import type { Define } from './program';

/** By which cases are looked for. */
export function filtered(command: Command): Command {
  return command
    .option('--process <name>', 'only cases of this process')
    .option('--status <status>', 'only cases in this status, or open: whatever they are at')
    .option('--key <key>', 'only cases with this business key, e.g. employee:E-1003')
    .option('--text <text>', 'only cases that mention this in their id, a key or the title of an open step')
    .option('--step <name>', 'only cases at this step')
    .option('--system <name>', 'only cases whose open step calls this system')
    .option('--team <team>', 'only cases whose open step calls a system of this team')
    .option('--role <role>', 'only cases that wait for this role')
    .option('--person <id>', 'only cases that wait for this person')
    .option('--older-than <duration>', 'only cases that started longer ago, e.g. "2 hours"');
}

const bulkExample = 'bulk decide approveBonus approve --process salary --key month:2026-11 --by E-1002';

/** What these commands are under. */
export function bulkGroup(program: Command): Command {
  return program
    .command('bulk')
    .description('decide, resolve or cancel many cases: shows them first')
    .addHelpText('after', `\nEach takes --json. Example:\n  npx whereabouts ${bulkExample}`);
}

/** Commands about all cases of a search. */
export function defineBulk(acting: Define): void {
  const bulk = () => require('./commands/bulk') as typeof import('./commands/bulk');
  const over: Define = (...words) => filtered(acting(...words)).option('--yes', 'do it without asking');

  over('decide <task> <decision>', 'decide the tasks of a name', bulkExample, () => bulk().decide)
    .option('--comment <text>', 'kept with each decision')
    .option('--data <json>', 'the data entered, as JSON or @file.json');
  over(
    'resolve <action>',
    'resolve incidents: retry, skip, replace or fail each step',
    'bulk resolve retry --system payroll --reason "payroll is back" --by E-1004',
    () => bulk().resolve,
  )
    .requiredOption('--reason <text>', 'kept with each resolution')
    .option('--result <json>', 'for replace: the result of each step, as JSON or @file.json');
  over(
    'cancel',
    'cancel cases',
    'bulk cancel --key month:2026-11 --reason "wrong month" --by E-1004',
    () => bulk().cancel,
  ).requiredOption('--reason <text>', 'kept with each case');
  acting('run <batch>', 'do what was shown', 'bulk run 5f0c2d7e91ab3c44 --by E-1002', () => bulk().run);
  acting('stop <batch>', 'begin nothing more of it', 'bulk stop 5f0c2d7e91ab3c44 --by E-1002', () => bulk().stop);
}
