import type { CaseRecord } from '../contract';

/** The case in Markdown, for the Temporal UI. */
export function caseDetails({ status, outcome, steps, waitingFor, incidents }: CaseRecord): string {
  const lines = [`**${outcome ?? status}**`];
  for (const { step, title, error, since } of incidents) {
    lines.push(`Incident: ${title} (\`${step}\`) since ${since}: ${error.message}`);
  }
  for (const { title, role, candidates, since, dueAt } of waitingFor) {
    const who = candidates ? `${role} ${candidates.join(' or ')}` : role;
    lines.push(`Waits for ${who}: ${title}, since ${since}${dueAt ? `, due ${dueAt}` : ''}`);
  }
  const rows = steps.map(
    ({ title, status: of, startedAt, endedAt }) => `| ${title} | ${of} | ${startedAt} | ${endedAt ?? ''} |`,
  );
  return [...lines, ['| Step | Status | Since | Until |', '| --- | --- | --- | --- |', ...rows].join('\n')].join(
    '\n\n',
  );
}
