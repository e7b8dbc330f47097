import { rules, type Finding, type Rule } from './dangers';

/** Findings in SARIF 2.1.0 (OASIS), which code scanning reads. Files are relative to the project's folder. */
export function sarifOf(findings: readonly Finding[], version: string): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'whereabouts check',
            version,
            rules: (Object.keys(rules) as Rule[]).map((id) => ({
              id,
              shortDescription: { text: rules[id] },
              defaultConfiguration: { level: levels[id] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ rule, process, message, source }) => ({
          ruleId: rule,
          level: levels[rule],
          message: { text: `${process}: ${message}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(source.file), uriBaseId: '%SRCROOT%' },
                region: { startLine: source.line },
              },
            },
          ],
        })),
      },
    ],
  };
}

const levels: Record<Rule, 'warning' | 'error'> = {
  unknown: 'warning',
  'unsafe-writes': 'error',
  'siblings-in-flight': 'error',
  'not-awaited': 'error',
  'no-due-time': 'warning',
};
