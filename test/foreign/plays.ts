import type { Client, WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { until } from '../kit/fixtures/until';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

export interface Event {
  eventType: string;
  workflowExecutionContinuedAsNewEventAttributes?: { newExecutionRunId: string };
}

export interface Play {
  args: unknown[];
  memo?: Record<string, unknown>;
  play?: (workflow: WorkflowHandle, client: Client) => Promise<void>;
}

/** What happens to each workflow of the project, each thing once it has nothing left to do. All but `broken` end. */
export const plays: Record<string, Play> = {
  delivery: {
    args: ['a vase'],
    async play(workflow, client) {
      const child = client.workflow.getHandle(`${workflow.workflowId}-transport`);
      await atRest(workflow, 'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED');
      await atRest(child, 'WORKFLOW_EXECUTION_SIGNALED');
      await child.signal('arrive');
      await atRest(workflow, 'CHILD_WORKFLOW_EXECUTION_COMPLETED');
      await expect(workflow.executeUpdate('changeAddress', { args: [''] })).rejects.toThrow();
      await workflow.executeUpdate('changeAddress', { args: ['the neighbour'] });
      await workflow.signal('decide', 'left');
    },
  },
  pickUp: {
    args: ['a vase'],
    async play(workflow) {
      await atRest(workflow, 'TIMER_FIRED');
      await workflow.cancel();
    },
  },
  rounds: { args: [1] },
  handOver: { args: [1], memo: { customer: 'C-1' } },
  refused: { args: ['a piano'] },
  broken: {
    args: ['a vase'],
    async play(workflow) {
      await atRest(workflow, 'WORKFLOW_TASK_FAILED');
    },
  },
  ownHistory: {
    args: [],
    async play(workflow) {
      await atRest(workflow, 'ACTIVITY_TASK_COMPLETED');
      await workflow.signal('arrive');
    },
  },
  leavesWorkBehind: {
    args: [],
    async play(workflow) {
      await atRest(workflow, 'WORKFLOW_TASK_COMPLETED');
      await workflow.signal('arrive');
    },
  },
};

/** The events of a history as JSON has them, e.g. of type `EVENT_TYPE_TIMER_FIRED`. */
export function eventsOf(history: History, reviver?: Parameters<typeof JSON.parse>[1]): Event[] {
  return (JSON.parse(historyToJSON(history), reviver) as { events: Event[] }).events;
}

/** Waits until an event of this type is in the history, and no workflow task is due, unless it is one that failed. */
async function atRest(workflow: WorkflowHandle, type: string): Promise<void> {
  await until(
    async () => eventsOf(await workflow.fetchHistory()).map(({ eventType }) => eventType.replace('EVENT_TYPE_', '')),
    (events) => {
      const due = events.lastIndexOf('WORKFLOW_TASK_SCHEDULED') > events.lastIndexOf('WORKFLOW_TASK_COMPLETED');
      return events.includes(type) && (!due || events.includes('WORKFLOW_TASK_FAILED'));
    },
  );
}
