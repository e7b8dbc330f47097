import { runAll } from './runs';
import { longestTimer, seedsAskedFor } from './seeds';

/** It stops at the first run that fails. */
test('whatever is killed, nothing is lost and nothing is done twice', () => runAll(seedsAskedFor(), 3), longestTimer);
