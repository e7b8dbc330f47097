import type { Refusal } from '../../kit/contract';
import { inWords } from '../../platform/field-words';
import { UserError } from '../../platform/user-error';
import { Refused } from '../refused';
import { problemName, type ProblemDocument } from '../../service/problem';

/** What the API refused, by the name of the problem. */
export class ApiProblem extends UserError {
  constructor(
    readonly problem: string,
    readonly document: ProblemDocument,
  ) {
    super(wordsOf(problem, document), advice[problem] ?? '');
  }
}

/** The API did not get so far as to judge the request; the same may be sent again. */
export class ApiFailed extends Error {
  override readonly name = 'ApiFailed';

  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** The error that a problem is for whoever typed a command. */
export function problemError(document: ProblemDocument): ApiProblem | ApiFailed {
  const problem = problemName(document.type);
  const failed = document.status >= 500 || document.status === 429 || problem === 'in-flight';
  return failed ? new ApiFailed(document.detail, '') : new ApiProblem(problem, document);
}

export function asProblem(content: unknown): ProblemDocument | undefined {
  const isProblem =
    typeof content === 'object' && content !== null && 'type' in content && 'detail' in content && 'status' in content;
  return isProblem ? (content as ProblemDocument) : undefined;
}

/** For a message's `catch`: what the case itself refused is told as it tells it. */
export function asRefused(error: unknown): never {
  if (!(error instanceof ApiProblem)) throw error;
  const code = refusals.find((name) => name === error.problem);
  if (!code) throw error;
  const field = error.document.errors?.[0]?.field;
  throw new Refused({ code, message: error.message, ...(field !== undefined && { field }) });
}

const refusals: Refusal['code'][] = [
  'no-such-task',
  'task-not-open',
  'already-decided',
  'not-a-candidate',
  'excluded',
  'unknown-decision',
  'invalid-data',
  'shown-data-changed',
  'no-such-step',
  'not-parked',
  'invalid-message',
];

const advice: Record<string, string> = {
  'token-refused':
    'Set WHEREABOUTS_TOKEN to a token that is valid; without it the command line is signed in by what runs here.',
  'act-for-refused': 'Leave --by and WHEREABOUTS_USER out: it is the person of the token who acts.',
  'unknown-case': 'The cases there are: npx whereabouts list',
};

function wordsOf(problem: string, { detail, errors = [] }: ProblemDocument): string {
  return problem === 'invalid-request' && errors.length > 0 ? errors.map(inWords).join('; ') : detail;
}
