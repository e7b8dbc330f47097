import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './dangers';

/** `// whereabouts-ignore no-due-time: an account is open until it is closed`, on the line before or at its end. */
const comment = /\/\/\s*whereabouts-ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*:\s*\S/;

/** Findings without those that the source says, with a reason, are meant so. */
export function withoutIgnored(findings: readonly Finding[], root: string): Finding[] {
  const files = new Map<string, string[]>();
  const linesOf = (file: string): string[] => {
    const path = join(root, file);
    const lines = files.get(file) ?? (existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []);
    files.set(file, lines);
    return lines;
  };
  return findings.filter(({ rule, source: { file, line } }) => {
    const lines = linesOf(file);
    const near = [lines[line - 2], lines[line - 1]];
    return !near.some((text) =>
      comment
        .exec(text ?? '')?.[1]
        ?.split(/\s*,\s*/)
        .includes(rule),
    );
  });
}
