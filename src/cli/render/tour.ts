import type { Check } from '../../platform/tour-check';
import { columns, plain, type Style } from './style';

/** What was compared in the tour: a row for each employee, a line for each of the rest, and the sum of it. */
export function renderTour(checks: readonly Check[], style: Style): string {
  const { green, red } = style.colors;
  const abouts = [...new Set(checks.map(({ about }) => about))];
  const groups = abouts.map((about) => checks.filter((check) => check.about === about));
  const differing = checks.filter((check) => !isRight(check)).length;
  return [
    '',
    table(
      groups.filter((group) => group.length > 1),
      style,
    ),
    '',
    ...groups.flatMap(([only, second]) => (only && !second ? [`${plain(only.about)}: ${cell(only, style)}`] : [])),
    '',
    differing === 0
      ? green(`All ${checks.length} figures are as expected.`)
      : red(`${differing} of ${checks.length} figures differ from what is expected.`),
  ].join('\n');
}

export function isRight({ expected, found }: Check): boolean {
  return expected === found;
}

function table(groups: readonly Check[][], style: Style): string {
  const whats = [...new Set(groups.flat().map(({ what }) => what))];
  const rows = groups.map((group) => [
    plain(group[0]?.about ?? ''),
    ...whats.map((what) => {
      const check = group.find((candidate) => candidate.what === what);
      return check ? cell(check, style) : '';
    }),
  ]);
  return columns(
    rows,
    ['', ...whats].map((what) => style.colors.dim(plain(what).replaceAll(' ', '\n'))),
  );
}

function cell(check: Check, { colors }: Style): string {
  const found = plain(check.found);
  return isRight(check) ? `${colors.green('✓')} ${found}` : colors.red(`✗ ${found}, expected ${plain(check.expected)}`);
}
