import { ApplicationFailure } from '@temporalio/common';
import type { z } from 'zod';
import { nameOfStatus, problemName, type ProblemDocument } from './problem';

/** Calls one system over HTTP. */
export interface SystemClient {
  system: string;
  /**
   * Make one request and answer with its checked body. Whatever else comes of it is thrown as an ApplicationFailure that
   * names system, operation and detail; its `type` is the problem's name (`unreachable` and `timed-out` for the network,
   * `unexpected-answer` for a body that does not fit), `details[0]` the {@link ProblemDocument} if there is one. It is
   * retryable for `too-early`, `in-flight`, 429, 5xx and the network only.
   */
  request<Answer>(call: SystemCall<Answer>): Promise<Answer>;
}

export interface SystemCall<Answer> {
  operation: string;
  method: 'GET' | 'POST' | 'PUT';
  /** Its variable segments encoded, see `encodeURIComponent`. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** What a good answer looks like; members not named in it are dropped. */
  answer: z.ZodType<Answer>;
}

export interface SystemClientOptions {
  system: string;
  /** e.g. `http://127.0.0.1:4101` */
  url: string;
  /** The key of the effect now asked for; sent with POST and PUT. */
  idempotencyKey: () => string | undefined;
  /** After this long without an answer a request is given up; default 10 s. */
  timeoutMs?: number;
}

/** A client of one system. */
export function createSystemClient({
  system,
  url,
  idempotencyKey,
  timeoutMs = 10_000,
}: SystemClientOptions): SystemClient {
  return {
    system,
    async request({ operation, method, path, query, body, answer }) {
      const failed = (type: string, detail: string, retryable: boolean, problem?: ProblemDocument) =>
        ApplicationFailure.create({
          message: `${system}.${operation}: ${detail}`,
          type,
          nonRetryable: !retryable,
          details: problem === undefined ? [] : [problem],
        });

      const target = new URL(`${url.replace(/\/$/, '')}${path}`);
      for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, value);
      const key = method === 'GET' ? undefined : idempotencyKey();
      let response: Response;
      let text: string;
      try {
        response = await fetch(target, {
          method,
          headers: {
            accept: 'application/json, application/problem+json',
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(key !== undefined && { 'idempotency-key': `"${key}"` }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        text = await response.text();
      } catch (error) {
        throw asCause(error).name === 'TimeoutError'
          ? failed('timed-out', `${target.origin} did not answer within ${timeoutMs / 1000} s`, true)
          : failed('unreachable', `${target.origin} cannot be reached (${reasonOf(error)})`, true);
      }

      const content = parseJson(text);
      if (!response.ok) {
        const problem = asProblem(content);
        const type = problem === undefined ? nameOfStatus(response.status) : problemName(problem.type);
        const detail = problem?.detail ?? `answered ${response.status}`;
        throw failed(type, detail, isTransient(response.status, type), problem);
      }
      const checked = answer.safeParse(content);
      if (!checked.success) {
        const [issue] = checked.error.issues;
        throw failed(
          'unexpected-answer',
          `the answer does not fit at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}`,
          false,
        );
      }
      return checked.data;
    },
  };
}

/** The problem that a {@link SystemClient} threw, if it is one of the names given. */
export function problemIn(error: unknown, ...names: string[]): ProblemDocument | undefined {
  if (!(error instanceof ApplicationFailure) || !names.includes(error.type ?? '')) return undefined;
  return asProblem(error.details?.[0]);
}

function isTransient(status: number, type: string): boolean {
  return status >= 500 || status === 429 || type === 'too-early' || type === 'in-flight';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asProblem(content: unknown): ProblemDocument | undefined {
  const isProblem =
    typeof content === 'object' &&
    content !== null &&
    'type' in content &&
    typeof content.type === 'string' &&
    'detail' in content &&
    typeof content.detail === 'string';
  return isProblem ? (content as ProblemDocument) : undefined;
}

/** What `fetch` threw; its errors come from Node itself, and need not be an `Error` of this realm. */
function asCause(error: unknown): { name?: string; code?: string; message?: string; cause?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}

function reasonOf(error: unknown): string {
  const { code, message } = asCause(asCause(error).cause ?? error);
  return code ?? message ?? String(error);
}
