import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { openCase, startCases, type Connections } from '../../src/platform/door';
import { processNamed } from '../../src/platform/process-named';
import { connectSystems } from '../../src/platform/systems';
import { UserError } from '../../src/platform/user-error';

const nobodyListens = 'http://127.0.0.1:1';

let folder: string;
let connections: Connections;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-door-'));
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  connections = {
    client: new Client({ connection }),
    systems: connectSystems(
      () => nobodyListens,
      () => undefined,
    ),
  };
});
afterAll(() => rm(folder, { recursive: true }));

test('a request with mistakes is refused with each of them, and nothing is asked or started', async () => {
  const opened = await openCase(connections, processNamed('salary'), { employe: 'E-1001', month: 202611 });

  expect(opened).toEqual({
    status: 'refused',
    reason: expect.any(String),
    errors: [
      { field: 'employee', message: 'is missing' },
      { field: 'month', value: 202611, message: 'must be a text, in quotes when it looks like a number' },
      { field: 'employe', value: 'E-1001', message: 'is not known; did you mean employee?' },
    ],
  });
});

test('a row fails, and is not refused, when a system does not answer', async () => {
  const file = join(folder, 'employees.csv');
  await writeFile(file, 'employee,month\nE-1001,2026-11\nE-1002\n');

  expect(await startCases(connections, processNamed('salary'), file)).toEqual([
    { at: 'line 2', status: 'failed', reason: expect.stringContaining('accounting.findEmployee: ') },
    { at: 'line 3', status: 'refused', reason: 'has one cell, the header 2: employee, month', errors: [] },
  ]);
});

describe('given only the system that the process asks has an address', () => {
  const knowing = (...known: string[]): Connections => ({
    ...connections,
    systems: connectSystems(
      (name) => {
        if (known.includes(name)) return nobodyListens;
        throw new UserError(`The address of the system ${name} is not known.`, 'Set it.');
      },
      () => undefined,
    ),
  });
  const request = { employee: 'E-1001', month: '2026-11' };

  test('that one is asked', async () => {
    await expect(openCase(knowing('accounting'), processNamed('salary'), request)).rejects.toThrow(
      'accounting.findEmployee: http://127.0.0.1:1 cannot be reached',
    );
  });

  test('and it is another one, that is said once for a whole file', async () => {
    const file = join(folder, 'employees.csv');
    await writeFile(file, 'employee,month\nE-1001,2026-11\nE-1002,2026-11\n');

    for (const opened of [
      openCase(knowing('bonus'), processNamed('salary'), request),
      startCases(knowing('bonus'), processNamed('salary'), file),
    ]) {
      await expect(opened).rejects.toThrow(
        new UserError('The address of the system accounting is not known.', 'Set it.'),
      );
    }
  });
});

test('settings that cannot be used stop all, and say so', async () => {
  const broken = { ...connections, settingsFolder: folder };
  await expect(openCase(broken, processNamed('salary'), {})).rejects.toThrow('salary.yaml cannot be read');
});

test('a process that there is not is refused with the one probably meant', () => {
  expect(() => processNamed('salery')).toThrow('There is no process salery; did you mean salary?');
});
