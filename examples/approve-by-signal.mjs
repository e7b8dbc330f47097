// node examples/approve-by-signal.mjs salary-E-1007-2026-11 E-1005
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

const [caseId, by] = process.argv.slice(2);
process.on('uncaughtException', ({ message }) => (console.error(message), process.exit(1)));
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const handle = new Client({ connection, namespace }).workflow.getHandle(caseId);
await handle.signal('decide', { task: 'approveBonus', decision: 'approve', by });

const steps = (await handle.query('history')).filter(({ name }) => name === 'approveBonus');
const approved = steps.some((step) => step.by === by && step.decision === 'approve');
const refusal = steps.flatMap(({ refusals = [] }) => refusals).findLast((one) => one.by === by);
const otherwise = refusal ? `refused: ${refusal.reason}` : 'kept until the task is open';
console.log(approved ? 'approved' : otherwise);
process.exitCode = approved || !refusal ? 0 : 1;
await connection.close();
