import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of the clone: the one with package.json. */
export const packageRoot = resolve(__dirname, '..', '..');

/** Version of Whereabouts. */
export const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
