import type { Migration } from 'kysely';
import { up as requestsAndFaults } from './001-requests-and-faults';

/** Migrations of what every system has; a system's own are kept apart from them. */
export const serviceMigrations: Record<string, Migration> = {
  '001-requests-and-faults': { up: requestsAndFaults },
};
