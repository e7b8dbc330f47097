// Has Temporal's SDK download one of its server programs into a folder: node download-by-sdk.js <program> <folder>
'use strict';

const { TestWorkflowEnvironment } = require('@temporalio/testing');

const [program, downloadDir] = process.argv.slice(2);
const server = { executable: { type: 'cached-download', downloadDir } };

async function download() {
  const environment =
    program === 'temporal'
      ? await TestWorkflowEnvironment.createLocal({ server })
      : await TestWorkflowEnvironment.createTimeSkipping({ server });
  await environment.teardown();
}

download().catch((error) => {
  console.error(error.cause?.message ?? error.message);
  process.exitCode = 1;
});
