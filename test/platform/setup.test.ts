import { randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import type { TemporalAddress } from '../../src/platform/addresses';
import { givenPostgres, listDatabases } from '../../src/platform/postgres';
import { addSearchAttributes, findChanges } from '../../src/platform/setup';
import { databaseNames } from '../../src/platform/databases';

let server: TestWorkflowEnvironment;

/** A development server as anybody starts it, which knows nothing of us. */
beforeAll(async () => {
  const path = process.env['TEST_TEMPORAL_CLI'] ?? '';
  server = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path } } });
});

afterAll(() => server.teardown());

const inNamespace = (namespace: string): TemporalAddress => ({ connection: { address: server.address }, namespace });

test('a server without what we need is prepared, says before what will change, and needs it once', async () => {
  const changes = await findChanges(inNamespace('default'));

  const on = `Temporal at ${server.address}:`;
  expect(changes.map(({ description }) => description)).toEqual([
    `${on} add the search attribute CaseProcess (Keyword) to namespace default`,
    `${on} add the search attribute CaseKeys (KeywordList) to namespace default`,
    `${on} keep finished cases of namespace default for 30 days instead of 24 hours`,
  ]);
  expect(await findChanges(inNamespace('default'))).toHaveLength(3);

  for (const change of changes) await change.apply();

  expect(await findChanges(inNamespace('default'))).toEqual([]);
  expect(await addSearchAttributes(inNamespace('default'))).toEqual([]);
});

test('a namespace that there is not is made', async () => {
  const namespace = `made-${randomUUID()}`;
  const changes = await findChanges(inNamespace(namespace));
  expect(changes).toHaveLength(3);

  for (const change of changes) await change.apply();

  expect(await findChanges(inNamespace(namespace))).toEqual([]);
});

test('a search attribute of our name and another type is an error that names it and what to do', async () => {
  const namespace = `other-types-${randomUUID()}`;
  const [makeNamespace] = await findChanges(inNamespace(namespace));
  await makeNamespace?.apply();
  const keyword = 2;
  await server.connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { CaseKeys: keyword } });

  await expect(findChanges(inNamespace(namespace))).rejects.toMatchObject({
    name: 'UserError',
    message: `Temporal at ${server.address} has a search attribute CaseKeys in namespace ${namespace} that is no KeywordList.`,
    advice: expect.stringContaining('temporal operator search-attribute remove --name CaseKeys') as string,
  });
});

test('a Postgres gets the databases that are missing', async () => {
  const url = process.env['TEST_POSTGRES_URL'] ?? '';
  const before = await listDatabases(givenPostgres(url));
  const missing = databaseNames.filter((name) => !before.includes(name));
  expect(missing).not.toEqual([]);

  const changes = await findChanges(inNamespace('default'), url);
  const databases = changes.filter(({ description }) => description.startsWith('Postgres'));
  expect(databases.map(({ description }) => description.split(' ').at(-1))).toEqual(missing);
  try {
    for (const change of databases) await change.apply();
    expect(await findChanges(inNamespace('default'), url)).toHaveLength(changes.length - missing.length);
  } finally {
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const name of missing) await client.query(`drop database if exists ${name}`);
    await client.end();
  }
});

test('a server that cannot be reached is an error that names it and the variable', async () => {
  const nowhere = { connection: { address: '127.0.0.1:1' }, namespace: 'default' };

  await expect(findChanges(nowhere)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining('Temporal at 127.0.0.1:1 cannot be reached') as string,
    advice: expect.stringContaining('TEMPORAL_ADDRESS') as string,
  });
});
