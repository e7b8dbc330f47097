import type { Migration } from 'kysely';
import { up as employeesAndBases } from './001-employees-and-bases';

export const migrations: Record<string, Migration> = { '001-employees-and-bases': { up: employeesAndBases } };
