interface Results {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { testExecError?: object; numFailingTests: number }[];
}

const { totals } = jest.requireActual<{ totals: (results: Results) => string }>('./reporter');

test('passed and failed tests are counted', () => {
  const testResults = [{ numFailingTests: 2 }];
  expect(totals({ numPassedTests: 7, numFailedTests: 2, testResults })).toBe('tests: 7 passed, 2 failed');
});

test('a test file that does not run is one failure', () => {
  const testResults = [{ testExecError: { message: 'cannot find module' }, numFailingTests: 0 }];
  expect(totals({ numPassedTests: 7, numFailedTests: 0, testResults })).toBe('tests: 7 passed, 1 failed');
});
