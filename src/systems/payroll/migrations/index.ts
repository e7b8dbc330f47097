import type { Migration } from 'kysely';
import * as bookings from './001-bookings';

export const migrations: Record<string, Migration> = { '001-bookings': bookings };
