import { UserError } from '../platform/user-error';

/** The command was typed in a way that cannot be meant; `advice` says how it is typed. Ends the process with code 2. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';

  constructor(
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** What `find` answers; what it refuses is a word that was typed wrong. */
export function typed<Found>(find: () => Found): Found {
  try {
    return find();
  } catch (error) {
    throw error instanceof UserError ? new WrongUse(error.message, error.advice) : error;
  }
}
