import type { Refusal } from '../kit/contract';

/** The case does not take what was asked of it, and nothing has changed; `refusal` says why. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}
