import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findingsIn, sarifOf } from '../../../src/maps/check';
import { mapOf, openProject, workflowsIn } from '../../../src/maps/extract';

const file = join(__dirname, 'dangerous.ts');
const project = openProject([file], { root: __dirname });
const findings = findingsIn(
  workflowsIn(project, file).map((workflow) => mapOf(project, workflow)),
  __dirname,
);

test('each danger is found where it is, and nothing else', () => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const wanted = lines.flatMap((line, index) => {
    const [, rule] = /\/\/ finds ([\w-]+)/.exec(line) ?? [];
    const isOfNextLine = line.trim().startsWith('//');
    return rule === undefined ? [] : [`${rule} ${index + (isOfNextLine ? 2 : 1)}`];
  });

  expect(wanted.length).toBeGreaterThan(5);
  expect(findings.map(({ rule, source }) => `${rule} ${source.line}`)).toEqual(wanted);
  expect(findings.every(({ source }) => source.file === 'dangerous.ts')).toBe(true);
});

test('an unsafe write names both systems', () => {
  expect(findings[0]).toMatchObject({
    rule: 'unsafe-writes',
    process: 'twoWrites',
    message: 'Ship (shipments) follows Charge (payments): when it fails, the first stays done.',
  });
});

test('given the source says with a reason that it is meant so, then it is let be', () => {
  const waits = workflowsIn(project, file).filter(({ name }) => name === 'waits');
  const maps = waits.map((workflow) => mapOf(project, workflow));

  expect(findingsIn(maps, __dirname)).toHaveLength(2);
  expect(findingsIn(maps, '/where/no/source/is')).toHaveLength(3);
});

test('given SARIF is wanted, then each has its rule, level and place', () => {
  const { runs } = sarifOf(findings, '1.0.0') as {
    runs: { results: unknown[]; tool: { driver: { rules: unknown[] } } }[];
  };
  expect(runs[0]?.tool.driver.rules).toHaveLength(5);
  expect(runs[0]?.results).toHaveLength(findings.length);
  expect(runs[0]?.results[0]).toMatchObject({
    ruleId: 'unsafe-writes',
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'dangerous.ts' },
          region: { startLine: findings[0]?.source.line },
        },
      },
    ],
  });
});
