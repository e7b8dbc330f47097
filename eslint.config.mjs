// Which part of src may import which; all else is in .oxlintrc.json.
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The parts of src, most specific first: a file belongs to the first that matches. */
const parts = [
  { category: 'kit/workflow', pattern: 'src/kit/workflow/**' },
  { category: 'kit/client', pattern: 'src/kit/client/**' },
  { category: 'kit/worker', pattern: 'src/kit/worker/**' },
  { category: 'kit/contract', pattern: 'src/kit/*' },
  { category: 'processes', pattern: 'src/processes/**' },
  { category: 'systems', pattern: 'src/systems/*' },
  { category: 'activities', pattern: 'src/systems/(*)/activities.ts', capture: ['system'] },
  { category: 'system', pattern: 'src/systems/(*)/**', capture: ['system'] },
  { category: 'service', pattern: 'src/service/**' },
  { category: 'platform', pattern: 'src/platform/**' },
  { category: 'maps', pattern: 'src/maps/**' },
  { category: 'view', pattern: 'src/view/**' },
  { category: 'api', pattern: 'src/api/**' },
  { category: 'cli', pattern: 'src/cli/**' },
];

const part = (...categories) => ({ file: { categories } });
const arrow = (from, ...to) => ({ from: part(from), allow: { to: part(...to) } });
const typeArrow = (from, ...to) => ({ from: part(from), allow: { to: part(...to), dependency: { kind: 'type' } } });

/** Arrows go one way. What is not listed is refused; `typeArrow` lets types through and nothing that runs. */
const directions = [
  arrow('kit/contract', 'kit/contract'),
  arrow('kit/workflow', 'kit/workflow', 'kit/contract'),
  arrow('kit/client', 'kit/client', 'kit/contract'),
  arrow('kit/worker', 'kit/worker', 'kit/contract', 'kit/workflow'),
  arrow('processes', 'processes', 'kit/workflow', 'kit/contract'),
  typeArrow('processes', 'activities', 'service'),
  arrow('service', 'service'),
  arrow('system', 'service'),
  arrow('activities', 'service'),
  {
    from: part('system', 'activities'),
    allow: {
      to: { file: { categories: ['system', 'activities'], captured: { system: '{{from.file.captured.system}}' } } },
    },
  },
  arrow('systems', 'systems', 'system', 'activities', 'service'),
  arrow('maps', 'maps', 'kit/contract'),
  arrow('view', 'view', 'maps', 'kit/client', 'kit/contract', 'service'),
  arrow('api', 'api', 'view', 'maps', 'kit/client', 'kit/contract', 'service', 'processes'),
  arrow('platform', ...parts.map(({ category }) => category).filter((category) => category !== 'cli')),
  arrow('cli', 'cli', 'platform', 'maps', 'service', 'kit/client', 'kit/contract', 'processes', 'systems'),
];

/** Code that runs in the workflow sandbox: no input or output, nothing that differs between two runs. */
const deterministic = ['src/kit/contract.ts', 'src/kit/workflow/**/*.ts', 'src/processes/**/*.ts'];
/** What the door reads about a process; the workflow takes only types of it. */
const definitions = ['src/processes/{catalogue,process,settings-fields}.ts', 'src/processes/*/{process,settings}.ts'];
const pureLibraries = [
  '@temporalio/workflow',
  '@temporalio/common',
  '@cfworker/json-schema',
  '@noble/hashes',
  'canonicalize',
];
const notPure = `^(?!\\.{1,2}/|(?:${pureLibraries.join('|')})(?:/|$))`;

export default defineConfig(
  {
    files: ['src/**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { boundaries },
    settings: {
      'boundaries/files': parts,
      'boundaries/files-single-match': true,
      'boundaries/elements': [],
      'boundaries/root-path': import.meta.dirname,
      'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: directions,
          message: '{{from.file.categories}} must not import {{to.file.categories}}',
        },
      ],
      'boundaries/no-unknown-files': 'off',
    },
  },
  {
    files: deterministic,
    ignores: definitions,
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ regex: notPure, allowTypeImports: true, message: 'Workflow code does no input or output.' }] },
      ],
    },
  },
);
