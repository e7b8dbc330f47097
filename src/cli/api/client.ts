import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { ApiAddress } from '../../platform/api-address';
import { problemName } from '../../service/problem';
import { asProblem, ApiFailed, problemError } from './problems';
import type { paths } from './schema';

/** Asks the HTTP API, by the types of its own document. */
export interface Api {
  url: string;
  /** By which it is known who asks. */
  headers: Record<string, string>;
  routes: Client<paths>;
}

/** The API as somebody signed in there; whoever is signed in as the local command line may act for another person. */
export function connectApi({ url, token }: ApiAddress, actFor?: string): Api {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(actFor !== undefined && { 'x-whereabouts-act-for': actFor }),
  };
  return {
    url,
    headers,
    routes: createClient<paths>({ baseUrl: url, headers, fetch: (request) => send(request, url) }),
  };
}

/**
 * What a route answers.
 * @throws ApiProblem for what it refuses, ApiFailed when that is not its word on the request
 */
export async function answerOf<Data>(
  { url }: Api,
  asked: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await asked.catch((thrown: unknown) => {
    throw thrown instanceof SyntaxError ? noApi(url) : thrown;
  });
  if (data !== undefined) return data;
  const problem = asProblem(error);
  throw problem ? problemError(problem) : noApi(url, response.status);
}

function noApi(url: string, status?: number): ApiFailed {
  const answered = status === undefined ? 'something else' : `${status} without saying why`;
  return new ApiFailed(`${url} answered ${answered}.`, 'Is this the address of the API? Set WHEREABOUTS_URL to it.');
}

/** How long an answer is waited for, in milliseconds: longer than the server lets a request take. */
const patience = 40_000;
const attempts = 4;

/** One request, with its key however often it is sent: what may be sent again is, a few times. */
async function send(request: Request, url: string): Promise<Response> {
  if (request.method === 'POST') request.headers.set('idempotency-key', randomUUID());
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(request.clone(), { signal: AbortSignal.timeout(patience) }).catch((error: unknown) => {
      throw notReached(url, error);
    });
    if (attempt === attempts || !(await mayPass(response))) return response;
    await sleep(pauseAfter(response, attempt));
  }
}

/** Problems that may be over in a moment, but those for which the server itself has waited. */
async function mayPass(response: Response): Promise<boolean> {
  if (response.status === 429) return true;
  if (response.status !== 503 && response.status !== 409) return false;
  const problem = asProblem(
    await response
      .clone()
      .json()
      .catch(() => undefined),
  );
  const name = problem && problemName(problem.type);
  return response.status === 503 ? name !== 'not-recorded' && name !== 'timed-out' : name === 'in-flight';
}

/** As long as the server asks for, up to the minute in which it counts requests. */
function pauseAfter({ headers }: Response, attempt: number): number {
  const asked = Number(headers.get('retry-after'));
  return asked > 0 ? Math.min(asked, 60) * 1_000 : 100 * 3 ** (attempt - 1);
}

/** The API answers nothing at all. */
export function notReached(url: string, error: unknown): ApiFailed {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  const reason =
    name === 'TimeoutError' ? `no answer in ${patience / 1_000} s` : (cause?.code ?? cause?.message ?? name);
  return new ApiFailed(
    `The API at ${url} cannot be reached (${reason}).`,
    'Start it with npm start, set WHEREABOUTS_URL to where it runs, or ask Temporal itself with --direct.',
  );
}
