const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..', '..');

/**
 * `tests: N passed, M failed` over a whole run; a test file that does not run counts as failed.
 */
function totals({ numPassedTests, numFailedTests, testResults }) {
  const notRun = testResults.filter((file) => file.testExecError !== undefined && file.numFailingTests === 0);
  return `tests: ${numPassedTests} passed, ${numFailedTests + notRun.length} failed`;
}

/** What paths of the map of each process the cases of the run took, and those that none took. */
function pathsTaken() {
  const runs = join(process.env.TEST_FOLDER ?? '', 'runs.jsonl');
  const built = join(root, 'dist', 'process-maps.json');
  if (!existsSync(runs) || !existsSync(built)) return [];
  const { takenPaths } = require(join(root, 'dist', 'maps', 'replay'));
  const records = readFileSync(runs, 'utf8').trim().split('\n').map(JSON.parse);
  return JSON.parse(readFileSync(built, 'utf8')).flatMap((map) => {
    const { taken, all, mayBeTaken, notTaken } = takenPaths(
      map,
      records.filter((record) => record.process === map.process),
    );
    return [
      `map of ${map.process}: ${taken} of ${all} paths were taken, ${mayBeTaken.length} more may have been`,
      ...notTaken.map(({ id, label }) => `  not taken: ${id} (${label})`),
    ];
  });
}

/** Prints the totals when the run is over. Plain JavaScript, because jest does not compile reporters. */
module.exports = class TotalsReporter {
  onRunComplete(_contexts, results) {
    process.stdout.write(`${[...pathsTaken(), totals(results)].join('\n')}\n`);
  }
};
module.exports.totals = totals;
