// node examples/where-is-it.mjs salary-E-1007-2026-11
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

const [caseId] = process.argv.slice(2);
process.on('uncaughtException', ({ message }) => (console.error(message), process.exit(1)));
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const handle = new Client({ connection, namespace }).workflow.getHandle(caseId);
for (const { title, status, role } of await handle.query('currentStep')) console.log('now:', title, status, role ?? '');
for (const { title, status, startedAt } of await handle.query('history')) console.log(startedAt, title, status);
await connection.close();
