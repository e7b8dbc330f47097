import { runAll } from './runs';

/**
 * In this order mainly: everything, then the worker, in the midst of a booking; notifications while an SMS is on its way;
 * Temporal while the administrator is told; payroll and Postgres with an effect committed and not yet answered.
 */
const seeds = [55, 54, 5, 1, 12, 16];

test('whatever is killed, nothing is lost and nothing is done twice', () => runAll(seeds, 2), 300_000);
