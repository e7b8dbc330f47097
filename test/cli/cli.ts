import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/platform/package';
import { systemNames } from '../../src/platform/systems';
import type { Stack } from '../support/stack';

export const program = join(packageRoot, 'bin', 'whereabouts.js');

/** How a command ended, and what it printed. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command line as a user does, with nothing of Whereabouts in the environment but what is given. */
export function whereabouts(words: string[], env: Record<string, string> = {}): Promise<Ended> {
  const foreign = Object.entries(process.env).filter(([name]) => !/^(?:WHEREABOUTS|TEMPORAL)_|_URL$/.test(name));
  const child = spawn(process.execPath, [program, ...words], { env: { ...Object.fromEntries(foreign), ...env } });
  const ended = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (ended.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (ended.stderr += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...ended });
    });
  });
}

/** What a command printed as JSON. */
export function jsonOf<Answer>({ code, stdout, stderr }: Ended): Answer {
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

/** Environment in which commands find a stack, and ask Temporal itself. */
export function environmentOf({ environment, url }: Stack): Record<string, string> {
  const urls = systemNames.map((name) => [`${name.toUpperCase()}_URL`, url(name)]);
  return { TEMPORAL_ADDRESS: environment.address, ...(Object.fromEntries(urls) as Record<string, string>) };
}
