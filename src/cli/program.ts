import { Command, Option } from 'commander';
import { bulkGroup, defineBulk, filtered } from './program-bulk';

/** How a command ends that may do only a part: 0 when all is fine, 1 when something failed. */
export type ExitCode = 0 | 1;

/** Options that every command takes. */
export interface CommonOptions {
  json?: true;
  dataDir?: string;
}

/** Options of commands about cases. */
export interface AskingOptions extends CommonOptions {
  direct?: true;
}

/** Options of commands that change something. */
export interface ActingOptions extends AskingOptions {
  by?: string;
}

type Run = (...args: never[]) => Promise<ExitCode | void>;

/**
 * The whereabouts command. Modules of commands are loaded when they run, so that help comes at once; `onEnd` is told the
 * exit code of the command that ran.
 */
export function buildProgram(version: string, onEnd: (code: ExitCode) => void): Command {
  const program = new Command('whereabouts')
    .description('Know where your distributed business processes are.')
    .version(version, '-V, --version', 'say the version');

  const definedIn =
    (group: Command): Define =>
    (usage, summary, example, load) =>
      group
        .command(usage)
        .description(summary)
        .addOption(new Option('--json', 'print JSON and nothing else'))
        .addOption(new Option('--data-dir <folder>', 'folder of the running Whereabouts (default: .whereabouts)'))
        .addHelpText('after', `\nExample:\n  npx whereabouts ${example}`)
        .action(async (...args: unknown[]) => {
          const run = load() as (...given: unknown[]) => ReturnType<Run>;
          onEnd((await run(...args)) === 1 ? 1 : 0);
        });
  const define = definedIn(program);
  const asking: Define = (...words) => withDirect(define(...words));
  const acting: Define = (...words) => withPerson(asking(...words));

  program.commandsGroup('Run:');
  defineRunning(define);
  program.commandsGroup('Start cases:');
  defineStarting(acting);
  program.commandsGroup('See where they are:');
  defineLooking(define, asking);
  program.commandsGroup('Act on them:');
  defineDeciding(acting);
  const bulk = bulkGroup(program);
  defineBulk((...words) => withPerson(withDirect(definedIn(bulk)(...words))));
  program.commandsGroup('Write a process:');
  defineCreating(define);
  defineMapping(define);
  return program;
}

const withDirect = (command: Command) => command.addOption(new Option('--direct', 'ask Temporal itself, not the API'));
const withPerson = (command: Command) =>
  command.addOption(new Option('--by <person>', 'who does it (or set WHEREABOUTS_USER)'));

export type Define = (usage: string, summary: string, example: string, load: () => Run) => Command;

function defineRunning(define: Define): void {
  const running = () => require('./commands/running') as typeof import('./commands/running');

  define('up', 'run everything here: Postgres, Temporal, all systems, the worker', 'up --fresh', () => running().up)
    .option('--example', 'load the example company and start the salaries of examples/employees.csv')
    .option('--cases <file>', 'start the cases of a CSV or JSON file')
    .option('--fresh', 'begin anew; what is kept is removed')
    .option('--port-base <number>', 'use this port and those after it (default: free ones)');
  define(
    'tour',
    'play the example cases to their end on a server and in a folder of its own, and check the amounts',
    'tour',
    () => running().tour,
  );
  define('setup', 'prepare a given Temporal server and Postgres', 'setup --yes', () => running().setup)
    .option('--example', 'also enter the example company into the systems at ACCOUNTING_URL, BONUS_URL and PAYROLL_URL')
    .option('--yes', 'do it without asking');
  define(
    'worker',
    'run the worker alone, for the Temporal server in TEMPORAL_ADDRESS',
    'worker',
    () => running().worker,
  );
  define('api', 'run the HTTP API alone, on DATABASE_URL, VIEW_DATABASE_URL and PORT', 'api', () => running().api);
  define(
    'view <action>',
    'rebuild: build the central view anew from Temporal, beside the one there is',
    'view rebuild',
    () => running().view,
  );
  define(
    'system <name>',
    'run one system alone, on DATABASE_URL and PORT',
    'system accounting',
    () => running().system,
  );
}

function defineStarting(acting: Define): void {
  const fields = () => require('./commands/request-fields') as typeof import('./commands/request-fields');
  const starting = () => require('./commands/starting') as typeof import('./commands/starting');

  acting(
    'start <process> [fields...]',
    'start a case, or the cases of a file',
    'start salary --employee E-1003 --month 2026-11 --by E-1004',
    () => starting().start,
  )
    .usage('[options] <process> --<field> <value> ...')
    .option('--file <file>', 'CSV with a header of field names, or JSON; one case a row')
    .allowUnknownOption()
    .addHelpText('after', () => fields().helpOnFields());
  acting(
    'restart <case>',
    'start a case again that failed, was cancelled or terminated',
    'restart salary-E-1003-2026-11 --by E-1004',
    () => starting().restart,
  );
}

function defineLooking(define: Define, asking: Define): void {
  const looking = () => require('./commands/looking') as typeof import('./commands/looking');
  const watching = () => require('./commands/watching') as typeof import('./commands/watching');
  const texting = () => require('./commands/messages') as typeof import('./commands/messages');

  asking(
    'where <case>',
    'say where a case is: its id, or any business key of it',
    'where employee:E-1003',
    () => looking().where,
  ).option('--map [format]', 'print the map of its process with the case on it: mermaid, svg or json');
  asking('history <case>', 'all steps of a case in order', 'history salary-E-1003-2026-11', () => looking().history);
  filtered(
    asking(
      'list',
      'the cases there are, newest first',
      'list --status waiting --older-than "2 days"',
      () => looking().list,
    ),
  ).option('--outcome <outcome>', 'only cases that ended so');
  asking('watch <case>', 'follow a case until it ends', 'watch salary-E-1003-2026-11', () => watching().watch);
  asking('tasks', 'what waits for people', 'tasks --role manager', () => looking().tasks).option(
    '--role <role>',
    'only tasks of this role',
  );
  asking('incidents', 'what failed and waits for an operator', 'incidents', () => looking().incidents);
  define('messages', 'the SMS sent, newest first', 'messages', () => texting().messages).option(
    '--limit <number>',
    'at most so many',
    '50',
  );
}

function defineDeciding(acting: Define): void {
  const deciding = () => require('./commands/deciding') as typeof import('./commands/deciding');

  acting(
    'decide <case> <task> <decision>',
    'decide a task',
    'decide salary-E-1003-2026-11 approveBonus approve --by E-1002 --comment "well done"',
    () => deciding().decide,
  )
    .option('--comment <text>', 'kept with the decision')
    .option('--data <json>', 'the data entered, as JSON or @file.json');
  acting(
    'resolve <case> <step> <action>',
    'resolve an incident: retry, skip, replace or fail the step',
    'resolve salary-E-1011-2026-11 payroll.bookSalary/1 retry --reason "unlocked" --by E-1004',
    () => deciding().resolve,
  )
    .requiredOption('--reason <text>', 'kept with the resolution')
    .option('--result <json>', 'for replace: the result of the step, as JSON or @file.json');
  acting(
    'cancel <case>',
    'cancel a case',
    'cancel salary-E-1003-2026-11 --reason "has left the company" --by E-1004',
    () => deciding().cancel,
  ).requiredOption('--reason <text>', 'kept with the case');
}

function defineCreating(define: Define): void {
  const creating = () => require('./commands/creating') as typeof import('./commands/creating');

  define(
    'new <process>',
    'write a process, the proxy of a system that it calls, a test and an example input',
    'new trip --system travel',
    () => creating().newProcess,
  ).option('--system <name>', 'the system that it calls (default: the name of the process and "System")');
}

function defineMapping(define: Define): void {
  const mapping = () => require('./commands/mapping') as typeof import('./commands/mapping');

  define(
    'map <process>',
    'print the map of a process, read from its source: a process of ours, or file.ts[:function] of any project',
    'map salary --format svg > salary.svg',
    () => mapping().map,
  ).option('--format <format>', 'mermaid, svg or json', 'mermaid');
  define(
    'check [paths...]',
    'find what is dangerous in workflows, and what their maps do not tell; ends with 1 when there is any',
    'check src/workflows.ts --format sarif',
    () => mapping().check,
  ).option('--format <format>', 'text or sarif', 'text');
}
