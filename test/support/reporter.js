/**
 * `tests: N passed, M failed` over a whole run; a test file that does not run counts as failed.
 */
function totals({ numPassedTests, numFailedTests, testResults }) {
  const notRun = testResults.filter((file) => file.testExecError !== undefined && file.numFailingTests === 0);
  return `tests: ${numPassedTests} passed, ${numFailedTests + notRun.length} failed`;
}

/** Prints the totals when the run is over. Plain JavaScript, because jest does not compile reporters. */
module.exports = class TotalsReporter {
  onRunComplete(_contexts, results) {
    process.stdout.write(`${totals(results)}\n`);
  }
};
module.exports.totals = totals;
