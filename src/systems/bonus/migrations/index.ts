import type { Migration } from 'kysely';
import { up as targetsAndResults } from './001-targets-and-results';

export const migrations: Record<string, Migration> = { '001-targets-and-results': { up: targetsAndResults } };
