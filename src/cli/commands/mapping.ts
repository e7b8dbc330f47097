import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { didYouMean } from '../../service/did-you-mean';
import type { ProcessMap } from '../../maps/process-map';
import { UserError } from '../../platform/user-error';
import { drawn, mapOfProcess } from '../drawn';
import { mapFormatNamed } from '../map-format';
import { version } from '../../platform/package';
import { print } from '../print';
import type { CommonOptions, ExitCode } from '../program';
import { renderFindings } from '../render/findings';
import { WrongUse } from '../wrong-use';

/** The TypeScript compiler is loaded only where it is used, for it takes a while. */
const extracting = () => require('../../maps/extract') as typeof import('../../maps/extract');
const checking = () => require('../../maps/check') as typeof import('../../maps/check');

/** Prints the map of one of our processes, or of a workflow in a TypeScript file of any project. */
export async function map(what: string, options: CommonOptions & { format?: string }): Promise<void> {
  const format = mapFormatNamed(options.json ? 'json' : (options.format ?? 'mermaid'));
  const found = await mapNamed(what);
  process.stdout.write(await drawn(found, format));
  const { length } = found.flags;
  if (length > 0) {
    const flags = length === 1 ? 'One flag says' : `${length} flags say`;
    process.stderr.write(`${flags} what the source does not tell: --format json has them, and check.\n`);
  }
}

async function mapNamed(what: string): Promise<ProcessMap> {
  const [, file, name] = /^(.+\.[cm]?tsx?)(?::([\w$]+))?$/.exec(what) ?? [];
  if (file === undefined) return mapOfProcess(what);
  const all = await mapsIn([file]);
  const found = name === undefined ? all : all.filter((one) => one.process === name);
  const [first, second] = found;
  if (first && !second) return first;
  const names = all.map((one) => one.process);
  if (names.length === 0)
    throw new UserError(`${file} exports no workflow.`, 'Name the file that exports the workflow function.');
  throw new WrongUse(
    name === undefined
      ? `${file} exports several workflows: ${names.join(', ')}.`
      : `${file} exports no workflow ${name}${didYouMean(name, names) || `; it exports ${names.join(', ')}.`}`,
    `Name one: ${file}:${names[0] ?? ''}.`,
  );
}

/** Maps of all workflows in files and folders. @throws UserError */
async function mapsIn(paths: readonly string[]): Promise<ProcessMap[]> {
  const { filesWithWorkflows, mapOf, openProject, UnreadableProject, workflowsIn } = extracting();
  const { isWorkflow } = checking();
  try {
    const files = filesWithWorkflows(paths);
    if (files.length === 0) return [];
    const project = openProject(files, { root: process.cwd() });
    const found = files.flatMap((file) => workflowsIn(project, file));
    const once = found.filter(({ node }, index) => found.findIndex((one) => one.node === node) === index);
    return once.map((workflow) => mapOf(project, workflow)).filter(isWorkflow);
  } catch (error) {
    if (error instanceof UnreadableProject)
      throw new UserError(error.message, 'Name TypeScript files, or folders with some.');
    throw error;
  }
}

const checkFormats = ['text', 'sarif'] as const;

/** Prints what is flagged on the maps of workflows, and what is dangerous; 1 when there is any. */
export async function check(paths: string[], options: CommonOptions & { format?: string }): Promise<ExitCode> {
  const format = checkFormats.find((one) => one === (options.format ?? 'text'));
  if (!format) {
    const { format: given = '' } = options;
    throw new WrongUse(`${given} is no format of findings${didYouMean(given, checkFormats)}`, 'Give text or sarif.');
  }
  const { findingsIn, sarifOf } = checking();
  const where = paths.length > 0 ? paths : [existsSync('src') ? 'src' : '.'];
  const maps = await mapsIn(where);
  if (maps.length === 0) {
    const named = where.map((path) => relative('', resolve(path)) || '.').join(', ');
    throw new UserError(
      `There is no workflow in ${named}.`,
      'Name the files that export workflow functions, or their folder.',
    );
  }
  const findings = findingsIn(maps, process.cwd());
  if (format === 'sarif') {
    process.stdout.write(`${JSON.stringify(sarifOf(findings, version), undefined, 2)}\n`);
  } else {
    const processes = maps.map((one) => one.process);
    print(options, { processes, findings }, (answer, style) =>
      renderFindings(answer.findings, processes.length, style),
    );
  }
  return findings.length > 0 ? 1 : 0;
}
