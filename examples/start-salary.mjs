// node examples/start-salary.mjs E-1007 2026-11      (TEMPORAL_ADDRESS says where Temporal is)
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { startCase } from 'whereabouts/client';
import { parse } from 'yaml';

const [employee, month] = process.argv.slice(2);
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const settings = parse(readFileSync('settings/salary.yaml', 'utf8'));
const started = await startCase(new Client({ connection, namespace }), {
  process: 'salary',
  caseId: `salary-${employee}-${month}`,
  keys: [`employee:${employee}`, `month:${month}`],
  input: { employee, month, settings },
});
console.log(JSON.stringify(started));
await connection.close();
