// node examples/start-salary.mjs E-1007 2026-11      (TEMPORAL_ADDRESS says where Temporal is)
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { startCase } from 'whereabouts/client';
import { parse } from 'yaml';

const [employee = '', month = ''] = process.argv.slice(2);
const refuse = (reason) => (console.error(reason), process.exit(1));
if (!/^[A-Z]{1,8}-[0-9]+$/.test(employee)) refuse(`employee "${employee}": must be an employee id such as "E-1007"`);
if (!/^2[0-9]{3}-(0[1-9]|1[0-2])$/.test(month)) refuse(`month "${month}": must be a month such as "2026-11"`);
process.on('uncaughtException', ({ message }) => (console.error(message), process.exit(1)));
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const input = { employee, month, settings: parse(readFileSync('settings/salary.yaml', 'utf8')) };
const keys = [`employee:${employee}`, `month:${month}`];
const newCase = { process: 'salary', caseId: `salary-${employee}-${month}`, keys, input };
console.log(JSON.stringify(await startCase(new Client({ connection, namespace }), newCase)));
await connection.close();
