import type { Migration } from 'kysely';
import { up as bookings } from './001-bookings';

export const migrations: Record<string, Migration> = { '001-bookings': { up: bookings } };
