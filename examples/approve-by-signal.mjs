// node examples/approve-by-signal.mjs salary-E-1007-2026-11 E-1003
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

const [caseId, by] = process.argv.slice(2);
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const handle = new Client({ connection, namespace }).workflow.getHandle(caseId);
await handle.signal('decide', { task: 'approveBonus', decision: 'approve', by });
await connection.close();
