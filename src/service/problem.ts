import { STATUS_CODES } from 'node:http';

/** One thing wrong with a request: the field as a dotted path, the value it had, and what is asked of it. */
export interface FieldError {
  field: string;
  value?: unknown;
  message: string;
}

/** An error as it goes over the wire (RFC 9457); `type` ends in the problem's name, see {@link problemName}. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
  [extension: string]: unknown;
}

/** Media type of a {@link ProblemDocument}. */
export const problemMediaType = 'application/problem+json';

const typePrefix = 'urn:problem-type:whereabouts:';

/**
 * Thrown by a route to answer with a problem: an HTTP status, a name such as `unknown-employee`, and a sentence that names
 * what was wrong and what to do. `extensions` become members of the document.
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    override readonly name: string,
    detail: string,
    readonly extensions: { errors?: FieldError[]; [extension: string]: unknown } = {},
  ) {
    super(detail);
  }

  /** The problem as it goes over the wire. */
  toDocument(): ProblemDocument {
    return {
      type: `${typePrefix}${this.name}`,
      title: titleOf(this.name),
      status: this.status,
      detail: this.message,
      ...this.extensions,
    };
  }
}

/** The name of a problem type: the last segment of its URI, e.g. `unknown-employee`. */
export function problemName(type: string): string {
  return /[^/:#]*$/.exec(type)?.[0] ?? type;
}

/** The name of a problem known by its HTTP status alone, e.g. `service-unavailable` for 503. */
export function nameOfStatus(status: number): string {
  return (STATUS_CODES[status] ?? `status ${status}`).toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
