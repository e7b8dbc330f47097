import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(__dirname, '..', '..');

/** What the tests read of a service in the compose file. */
export interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | number>;
  healthcheck?: { test: string[] };
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
}

export interface ComposeFile {
  services: Record<string, Service>;
}

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

/** The compose file as `docker compose` reads it with these variables set. Throws for a required one that is not. */
export function composeFile(variables: Record<string, string>): ComposeFile {
  const filledIn = (written: string) =>
    written.replace(
      /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
      (_, name: string, kind: string | undefined, word: string = '') => {
        const value = variables[name] ?? '';
        if (value !== '') return value;
        if (kind === '?') throw new Error(`required variable ${name} is missing a value: ${word}`);
        return word;
      },
    );
  return parse(text, (_, value: unknown) => (typeof value === 'string' ? filledIn(value) : value), {
    merge: true,
  }) as ComposeFile;
}

/** Names of the variables that the compose file reads. */
export function variablesOf(): string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))].sort();
}
