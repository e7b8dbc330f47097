import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAddresses, givenTemporal } from '../../src/platform/addresses';
import { openDataDir, type DataDir } from '../../src/platform/data-dir';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-addresses-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a Temporal server given by the environment', () => {
  test('is none when nothing names one', async () => {
    const env = { HOME: folder, TEMPORAL_NAMESPACE: 'other', TEMPORAL_ADDRESS: '' };
    expect(await givenTemporal(env)).toBeUndefined();
  });

  test('has address and namespace, by default the namespace default', async () => {
    expect(await givenTemporal({ TEMPORAL_ADDRESS: 'temporal:7233', HOME: folder })).toMatchObject({
      connection: { address: 'temporal:7233' },
      namespace: 'default',
    });
    const env = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'pay', HOME: folder };
    expect(await givenTemporal(env)).toMatchObject({ namespace: 'pay' });
  });

  test('with an API key is spoken to with TLS', async () => {
    const env = { TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_API_KEY: 'key', HOME: folder };
    expect((await givenTemporal(env))?.connection).toMatchObject({ apiKey: 'key', tls: expect.anything() });
  });

  test('may be a profile of the configuration file', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile.pay]\naddress = "pay:7233"\nnamespace = "pay"\n');
    expect(await givenTemporal({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'pay' })).toMatchObject({
      connection: { address: 'pay:7233' },
      namespace: 'pay',
    });
  });

  test('in a broken configuration file is refused by the name of the file', async () => {
    const file = join(folder, 'temporal.toml');
    await writeFile(file, '[profile');
    await expect(givenTemporal({ TEMPORAL_CONFIG_FILE: file })).rejects.toThrow(file);
  });
});

describe('addresses', () => {
  let dataDir: DataDir;
  beforeEach(async () => {
    dataDir = await openDataDir(join(folder, 'data'));
    await dataDir.announce({
      pid: process.pid,
      startedAt: new Date().toISOString(),
      version: '0',
      temporalAddress: '127.0.0.1:1234',
      namespace: 'default',
      temporalUi: 'http://127.0.0.1:4321',
      api: { url: 'http://127.0.0.1:4200' },
      systems: { accounting: { url: 'http://127.0.0.1:5555' } },
      postgres: {},
    });
  });
  afterEach(() => dataDir.release());

  test('are those of what runs on the data folder', async () => {
    const { temporal, systemUrl } = await findAddresses({ env: {}, dataDir: dataDir.path });
    expect(temporal).toEqual({
      connection: { address: '127.0.0.1:1234' },
      namespace: 'default',
      ui: 'http://127.0.0.1:4321',
    });
    expect(systemUrl('accounting')).toBe('http://127.0.0.1:5555');
  });

  test('of the environment win', async () => {
    const env = { TEMPORAL_ADDRESS: 'temporal:7233', ACCOUNTING_URL: 'http://accounting', HOME: folder };
    const { temporal, systemUrl } = await findAddresses({ env, dataDir: dataDir.path });
    expect(temporal.connection.address).toBe('temporal:7233');
    expect(temporal.ui).toBeUndefined();
    expect(systemUrl('accounting')).toBe('http://accounting');
  });

  test('that nobody knows are refused with what to set', async () => {
    const { systemUrl } = await findAddresses({ env: {}, dataDir: dataDir.path });
    expect(() => systemUrl('bonus')).toThrow('The address of the system bonus is not known.');
    await dataDir.release();
    await expect(findAddresses({ env: {}, dataDir: dataDir.path })).rejects.toThrow('Whereabouts is not running here.');
  });
});
