import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';
import type { CaseRecord } from '../../src/kit/contract';
import { caseRecord } from '../../src/kit/workflow/record';

export interface RecordSinks extends Sinks {
  records: { tell(record: CaseRecord): void };
}

const { records } = proxySinks<RecordSinks>();

/** Tells the record of the case after each activation, in a replay, too. */
export function interceptors(): WorkflowInterceptors {
  return {
    internals: [
      {
        concludeActivation(input, next) {
          const output = next(input);
          records.tell(caseRecord());
          return output;
        },
      },
    ],
  };
}
