import type { CaseRecord } from '../contract';
import { whoInWords } from './asked';

/** The case in Markdown, for the Temporal UI. */
export function caseDetails({ status, outcome, steps, waitingFor, incidents }: CaseRecord): string {
  const lines = [`**${outcome ?? status}**`];
  for (const { step, title, error, since } of incidents) {
    lines.push(`Incident: ${title} (\`${step}\`) since ${since}: ${error.message}`);
  }
  for (const { title, since, dueAt, ...asked } of waitingFor) {
    lines.push(`Waits for ${whoInWords(asked)}: ${title}, since ${since}${dueAt ? `, due ${dueAt}` : ''}`);
  }
  const rows = steps.map(
    ({ title, status: of, startedAt, endedAt }) => `| ${title} | ${of} | ${startedAt} | ${endedAt ?? ''} |`,
  );
  return [...lines, ['| Step | Status | Since | Until |', '| --- | --- | --- | --- |', ...rows].join('\n')].join(
    '\n\n',
  );
}
