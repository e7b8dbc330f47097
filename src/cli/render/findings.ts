import type { Finding } from '../../maps/check';
import { plain, type Style } from './style';

/** What a check found, file by file, in the form in which editors and terminals open a place. */
export function renderFindings(findings: readonly Finding[], workflows: number, { colors }: Style): string {
  const checked = `${workflows} ${workflows === 1 ? 'workflow' : 'workflows'} checked`;
  if (findings.length === 0) return `${checked}: nothing found.`;
  const lines = findings.map(({ rule, process, message, source }) => {
    const place = colors.bold(`${plain(source.file)}:${source.line}`);
    return `${place}  ${colors.yellow(rule)}  ${plain(process)}: ${plain(message)}`;
  });
  return [...lines, '', `${checked}, ${findings.length} found. docs/maps.md says how each is mended.`].join('\n');
}
