import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../../platform/package';
import { print } from '../print';
import type { CommonOptions } from '../program';
import { columns } from '../render/style';
import { planInClone } from '../scaffold/in-clone';
import { planInProject } from '../scaffold/in-project';
import { namesOf } from '../scaffold/names';
import { carryOut } from '../scaffold/plan';

/** Writes a process with its system proxy, test and example input: into this clone, else into the project in this folder. */
export async function newProcess(name: string, options: CommonOptions & { system?: string }): Promise<void> {
  const names = namesOf(name, options.system);
  const plan = isInClone(process.cwd()) ? planInClone(packageRoot, names) : await planInProject(process.cwd(), names);
  await carryOut(plan);
  const { files, changes, next } = plan;
  const answer = {
    wrote: files.map(({ path, holds }) => ({ path, holds })),
    changed: changes.map(({ path }) => path),
    next,
  };
  print(options, answer, (_, { colors }) =>
    [
      'Wrote:',
      columns(answer.wrote.map(({ path, holds }) => [`  ${path}`, holds])),
      ...(answer.changed.length > 0 ? ['Changed:', ...answer.changed.map((path) => `  ${path}`)] : []),
      'Next:',
      ...next.map((step) => `  ${step.to}\n    ${colors.cyan(step.type)}`),
    ].join('\n'),
  );
}

/** An installed package has no sources of processes. */
function isInClone(folder: string): boolean {
  return existsSync(join(packageRoot, 'src', 'processes')) && !relative(packageRoot, folder).startsWith('..');
}
