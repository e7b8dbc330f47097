import type { z } from 'zod';

/** What the door found out about a request: the case to start, or why it is refused. */
export type ResolvedRequest =
  | {
      status: 'ok';
      /** Made of business keys. */
      caseId: string;
      /** Each `kind:value`; pseudonymous. */
      keys: string[];
      /** Input of the workflow. */
      input: unknown;
    }
  | { status: 'refused'; field: string; value: string; reason: string };

/** Definition of a process: what one has to know to start a case of it. */
export interface Process<Request = unknown, Settings = unknown, Systems = Record<string, unknown>> {
  name: string;
  title: string;
  /** The team that owns the process. */
  owner: string;
  /** Workflow type. */
  workflow: string;
  /** What somebody who starts a case has to say. */
  request: z.ZodType<Request>;
  /** What a user may configure; a running case keeps the settings it started with. Absent: nothing. */
  settings?: z.ZodType<Settings>;
  /** Resolves names to business keys. The systems are only read. */
  resolve(request: Request, given: { systems: Systems; settings: Settings }): Promise<ResolvedRequest>;
}
