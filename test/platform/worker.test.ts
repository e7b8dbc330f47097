import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { freePort } from '../../src/platform/ports';
import { startWorker } from '../../src/platform/worker';
import { devServer } from '../support/temporal';

const systemUrl = () => 'http://127.0.0.1:1';

test('a worker whose Temporal server is not there says so and goes on trying until it is told to end', async () => {
  const connection = { address: `127.0.0.1:${await freePort()}` };
  const lines = new PassThrough();
  const abort = new AbortController();

  const starting = startWorker(
    { temporal: { connection, namespace: 'default' }, systemUrl, log: pino(lines) },
    abort.signal,
  );
  const [first] = (await once(lines, 'data')) as [Buffer];
  const [second] = (await once(lines, 'data')) as [Buffer];
  abort.abort();

  await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
  for (const line of [first, second]) {
    expect(line.toString()).toContain(`Temporal at ${connection.address} cannot be reached`);
  }
});

test('a worker for a namespace that there is not is refused, naming it and what to do', async () => {
  const environment = await devServer();
  try {
    const { address } = environment;
    const temporal = { connection: { address }, namespace: 'nowhere' };

    await expect(startWorker({ temporal, systemUrl, log: pino({ level: 'silent' }) })).rejects.toMatchObject({
      name: 'UserError',
      message: `The Temporal server at ${address} has no namespace nowhere.`,
      advice: expect.stringContaining('whereabouts setup') as string,
    });
  } finally {
    await environment.teardown();
  }
});
