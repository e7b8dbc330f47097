// A worker of the workflows of reads-workflows.ts; it says when it polls, and is killed.
'use strict';

const { DefaultLogger, NativeConnection, Runtime, Worker } = require('@temporalio/worker');
const { idempotencyKey, whereabouts } = require('../../dist/kit/worker');

const { TEMPORAL_ADDRESS: address, DESK_URL: url, BUNDLE: codePath, TASK_QUEUE: taskQueue } = process.env;

async function ask(path, input) {
  const body = JSON.stringify({ key: idempotencyKey(), ...input });
  const response = await fetch(`${url}${path}`, { method: 'POST', body });
  return response.json();
}

async function main() {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: { codePath },
    activities: {
      'desk.read': (input) => ask('/read', input),
      'desk.write': (input) => ask('/write', input),
    },
    plugins: [whereabouts()],
    stickyQueueScheduleToStartTimeout: '500 milliseconds',
  });
  await worker.run();
}

void main();
