import { Validator, type OutputUnit } from '@cfworker/json-schema';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/workflow';
import { refusalType, type Refusal, type StepError } from '../contract';
import { inShort } from './words';

/** What a system says may be a whole page; of 1,000 steps it has to fit into the memo that a run leaves to the next. */
const mostCharactersOfMessage = 500;

/** What went wrong, in at most 500 characters, and its kind, without the wrappers that Temporal puts around it. */
export function describeError(error: unknown): StepError {
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause) {
    return describeError(error.cause);
  }
  const message = inShort(error instanceof Error ? error.message : String(error), mostCharactersOfMessage);
  return { type: kindOf(error), message };
}

function kindOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? 'Error';
  if (error instanceof TimeoutFailure) return `Timeout (${error.timeoutType})`;
  return error instanceof Error ? error.name : 'Error';
}

/**
 * Whether a call failed by a final answer of the system, so that nothing came of it; else that is not known. Temporal
 * wraps the failure of an ordinary activity only.
 */
export function isRefusal(error: unknown): boolean {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure && failure.nonRetryable === true;
}

/** The failure by which a message to the case is refused. */
export function refused(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.message, refusalType, refusal);
}

/** Why a message is refused of which the field has to be text. */
export function notText(field: string, value: unknown): Refusal {
  return { code: 'invalid-message', field, message: `${field}: ${JSON.stringify(value)} is not text` };
}

/** Why the value of the field does not match the JSON Schema, naming the part that is wrong; nothing when it matches. */
export function refusalBySchema(field: string, schema: object, value: unknown): Refusal | undefined {
  if (value === undefined) return { code: 'invalid-data', field, message: `${field}: is missing` };
  const { valid, errors } = new Validator(schema, '2020-12').validate(value);
  if (valid) return undefined;
  const worst = ofVariantMeant(errors).reduce((a, b) => (depth(b) > depth(a) ? b : a));
  const ofProperty = worst.keyword === 'required' || worst.keyword === 'additionalProperties';
  const property = ofProperty ? /property "([^"]+)"/i.exec(worst.error)?.[1] : undefined;
  const part = [field, ...worst.instanceLocation.split('/').slice(1), ...(property ? [property] : [])].join('.');
  return { code: 'invalid-data', field: part, message: `${part}: ${wordsFor(worst, errors)}` };
}

/** Where the schema has variants told apart by a constant, what is wrong with a variant that is not meant is no matter. */
function ofVariantMeant(errors: OutputUnit[]): OutputUnit[] {
  const notMeant = errors.filter(({ keyword }) => keyword === 'const').map(variantOf);
  const meant = errors.filter((error) => variantOf(error) !== undefined && !notMeant.includes(variantOf(error)));
  return meant.length > 0 ? meant : errors;
}

function variantOf({ keywordLocation }: OutputUnit): string | undefined {
  return /^.*\/(?:oneOf|anyOf)\/\d+(?=\/)/.exec(keywordLocation)?.[0];
}

/** How deep in the value the error is, then how deep in the schema. */
function depth({ instanceLocation, keywordLocation }: OutputUnit): number {
  return instanceLocation.split('/').length * 1_000 + keywordLocation.split('/').length;
}

function wordsFor({ keyword, instanceLocation, error }: OutputUnit, errors: OutputUnit[]): string {
  switch (keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
    case 'false':
      return 'is not asked for';
    case 'const': {
      const alternatives = errors.filter((one) => one.keyword === 'const' && one.instanceLocation === instanceLocation);
      return `must be ${alternatives.map((one) => /"[^"]*"/.exec(one.error)?.[0] ?? one.error).join(' or ')}`;
    }
    default:
      return error;
  }
}
