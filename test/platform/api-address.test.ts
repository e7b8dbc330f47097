import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findApi } from '../../src/platform/api-address';
import { openDataDir, type DataDir } from '../../src/platform/data-dir';

const here = 'http://127.0.0.1:4200';

let folder: string;
let dataDir: string;
let held: DataDir;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-api-address-'));
  dataDir = join(folder, 'data');
  held = await openDataDir(dataDir);
  await held.announce({
    pid: process.pid,
    startedAt: new Date().toISOString(),
    version: '0',
    temporalAddress: '127.0.0.1:1234',
    namespace: 'default',
    api: { url: here },
    systems: {},
    postgres: {},
  });
  await writeFile(held.entry('token.json'), JSON.stringify({ person: 'E-1', token: 'local' }), { mode: 0o600 });
});
afterAll(async () => {
  await held.release();
  await rm(folder, { recursive: true });
});

const find = (env: Record<string, string> = {}) => findApi({ env: { HOME: folder, ...env }, dataDir });

test("what runs here is asked, signed in by its token or by one of one's own", async () => {
  expect(await find()).toMatchObject({ url: here, token: 'local', temporal: { namespace: 'default' } });
  expect(await find({ WHEREABOUTS_TOKEN: 'own' })).toMatchObject({ url: here, token: 'own' });
  expect(await find({ WHEREABOUTS_URL: `${here}/` })).toMatchObject({ url: here, token: 'local' });
});

test('the token of what runs here is shown to nobody else', async () => {
  const WHEREABOUTS_URL = 'https://whereabouts.example.com';
  await expect(find({ WHEREABOUTS_URL })).rejects.toMatchObject({
    message: `WHEREABOUTS_TOKEN is not set, so nobody is signed in at ${WHEREABOUTS_URL}.`,
    advice: expect.stringContaining('WHEREABOUTS_TOKEN') as string,
  });
  expect(await find({ WHEREABOUTS_URL, WHEREABOUTS_TOKEN: 'own' })).toEqual({ url: WHEREABOUTS_URL, token: 'own' });
});

test('another Temporal server than the one used here is asked itself', async () => {
  expect(await find({ TEMPORAL_ADDRESS: '127.0.0.1:1234' })).toMatchObject({ url: here });
  expect(await find({ TEMPORAL_ADDRESS: 'elsewhere:7233' })).toBeUndefined();
  expect(await findApi({ env: {}, dataDir: join(folder, 'none') })).toBeUndefined();
});

test('a URL that is none is refused', async () => {
  await expect(find({ WHEREABOUTS_URL: 'whereabouts:80' })).rejects.toThrow('WHEREABOUTS_URL=whereabouts:80');
});
