import { Validator } from '@cfworker/json-schema';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/workflow';
import { refusalType, type Refusal, type StepError } from '../contract';

/** What went wrong in words and by kind, without the wrappers that Temporal puts around it. */
export function describeError(error: unknown): StepError {
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause) {
    return describeError(error.cause);
  }
  if (error instanceof ApplicationFailure) return { type: error.type ?? 'Error', message: error.message };
  if (error instanceof TimeoutFailure) return { type: `Timeout (${error.timeoutType})`, message: error.message };
  if (error instanceof Error) return { type: error.name, message: error.message };
  return { type: 'Error', message: String(error) };
}

/** The failure by which a message to the case is refused. */
export function refused(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.message, refusalType, refusal);
}

/** Why the value of the field does not match the JSON Schema, naming the part that is wrong; nothing when it matches. */
export function refusalBySchema(field: string, schema: object, value: unknown): Refusal | undefined {
  const { valid, errors } = new Validator(schema, '2020-12').validate(value ?? null);
  if (valid) return undefined;
  const deepest = errors.reduce((a, b) => (b.instanceLocation.length > a.instanceLocation.length ? b : a));
  const part = [field, ...deepest.instanceLocation.split('/').slice(1)].join('.');
  return { code: 'invalid-data', field: part, message: `${part}: ${deepest.error}` };
}
