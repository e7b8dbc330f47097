import picocolors from 'picocolors';

/** Errors that say in their message what a user has to know, by name; so that help loads none of their modules. */
const forUsers = new Set([
  'UserError',
  'WrongUse',
  'ApiFailed',
  'NoSuchCase',
  'Refused',
  'CaseClosed',
  'NoAnswer',
  'NoServer',
  'CodeFails',
  'NotRecorded',
  'Encrypted',
  'StartRefused',
  'ApplicationFailure',
  'ConfigurationError',
]);

/** Prints an error to standard error, as JSON for machines, and gives the exit code: 2 for wrong use, else 1. */
export function reportError(error: unknown, asJson: boolean): 1 | 2 {
  const { name, message, advice } = describeError(error);
  if (asJson) {
    process.stderr.write(`${JSON.stringify({ error: { type: name, message, ...(advice && { advice }) } })}\n`);
  } else {
    const { red } = picocolors.createColors(picocolors.isColorSupported && process.stderr.isTTY === true);
    process.stderr.write(`${red(message)}\n${advice ? `${advice}\n` : ''}`);
  }
  return name === 'WrongUse' ? 2 : 1;
}

function describeError(error: unknown): { name: string; message: string; advice?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (forUsers.has(name)) {
    const advice = 'advice' in error && typeof error.advice === 'string' ? error.advice : undefined;
    return { name, message, ...(advice !== undefined && { advice }) };
  }
  if (name === 'NamespaceNotFoundError' && 'namespace' in error) {
    return {
      name,
      message: `The Temporal server has no namespace ${String(error.namespace)}.`,
      advice: 'Make it with: npx whereabouts setup. Or name another with TEMPORAL_NAMESPACE.',
    };
  }
  const answer = answerOfServer(error) ?? answerOfServer(error.cause);
  if (answer !== undefined) return { name: 'ServiceError', message: `The Temporal server answered: ${answer}` };
  return { name, message: stack ?? message, advice: 'This is a defect of Whereabouts; please report it.' };
}

/** What a gRPC error says, if it is one. */
function answerOfServer(error: unknown): string | undefined {
  const isGrpc = error instanceof Error && 'code' in error && 'details' in error && typeof error.details === 'string';
  return isGrpc ? String(error.details) : undefined;
}
