import { NativeConnection, Worker } from '@temporalio/worker';
import { whereabouts } from 'whereabouts/worker';
import * as activities from './activities';

/** Runs until it is told to stop; says when it is ready. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233' });
  const worker = await Worker.create({
    connection,
    workflowsPath: require.resolve('./workflows'),
    activities,
    taskQueue: 'parcels',
    plugins: [whereabouts()],
  });
  console.log('ready');
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
