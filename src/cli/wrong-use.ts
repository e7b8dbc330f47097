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
