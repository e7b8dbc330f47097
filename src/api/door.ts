import type { Process } from '../processes/process';
import type { FieldError } from '../service/problem';

/** Why a case is not started: in words, and the fields of the request that are wrong, if any is. */
export interface NotStarted {
  status: 'refused';
  reason: string;
  errors: FieldError[];
}

/** Where cases begin: requests are checked there, and names in them become business keys. `by` is who asks for it. */
export interface Door {
  /** Starts the case that a request asks for, or finds it. */
  open(
    process: Process,
    request: unknown,
    by: string,
  ): Promise<{ status: 'started' | 'already there'; caseId: string; runId: string } | NotStarted>;
  /**
   * Starts a case again that failed, was cancelled or terminated; once by a request of this id.
   * @throws NoSuchCase
   */
  reopen(
    caseId: string,
    by: string,
    requestId: string,
  ): Promise<{ status: 'restarted'; caseId: string; runId: string; restart: number } | NotStarted>;
}
