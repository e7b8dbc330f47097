/**
 * A mistake or circumstance the user can mend: shown without a stack trace. The message names what is wrong and its
 * value; `advice` says what to do.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}
