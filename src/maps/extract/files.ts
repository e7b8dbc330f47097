import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { UnreadableProject } from './project';

/** What a file with workflow code mentions. */
const ofWorkflows = /@temporalio\/workflow['"]|whereabouts\/workflow|\/kit\/workflow/;
const others = ['**/node_modules', '**/dist', '**/lib', '**/*.d.ts', '**/*.test.ts', '**/*.spec.ts', '**/test/**'];

/** The files with workflow code among these, and in these folders. */
export function filesWithWorkflows(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    const kind = statSync(path, { throwIfNoEntry: false });
    if (!kind) throw new UnreadableProject(`There is no ${path}.`);
    if (kind.isFile()) return [resolve(path)];
    return ts.sys
      .readDirectory(path, ['.ts', '.tsx', '.mts', '.cts'], others)
      .filter((file) => ofWorkflows.test(readFileSync(file, 'utf8')))
      .map((file) => resolve(file));
  });
  return [...new Set(found)];
}
