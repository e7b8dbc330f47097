import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRequests } from '../../src/platform/requests';
import { UserError } from '../../src/platform/user-error';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-requests-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function given(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

describe('a CSV file', () => {
  test('gives a request a row, with the line it stands in', async () => {
    const file = await given('a.csv', '\uFEFFemployee,month\r\nE-1001,2026-11\r\n\r\n"Ana, Maria Ruiz" , 2026-11\r\n');
    expect(await readRequests(file)).toEqual([
      { at: 'line 2', request: { employee: 'E-1001', month: '2026-11' } },
      { at: 'line 4', request: { employee: 'Ana, Maria Ruiz', month: '2026-11' } },
    ]);
  });

  test('takes an empty cell for a field not given', async () => {
    const file = await given('b.csv', 'employee,month\nE-1001,\n');
    expect(await readRequests(file)).toEqual([{ at: 'line 2', request: { employee: 'E-1001' } }]);
  });

  test('keeps going after a row with too many cells and one with a stray quote', async () => {
    const file = await given('c.csv', 'employee,month\nE-1001,2026-11,x\nE-"1002,2026-11\nE-1003,2026-11\n');
    const rows = await readRequests(file);
    expect(rows).toContainEqual({ at: 'line 2', unreadable: 'has 3 cells, the header 2: employee, month' });
    expect(rows).toContainEqual({ at: 'line 3', unreadable: expect.stringContaining('is not CSV') });
    expect(rows).toContainEqual({ at: 'line 4', request: { employee: 'E-1003', month: '2026-11' } });
  });

  test('that is empty is refused', async () => {
    await expect(readRequests(await given('d.csv', ''))).rejects.toThrow(/d\.csv is empty/);
  });
});

describe('a JSON file', () => {
  test('gives one request, or a list of them', async () => {
    const request = { employee: 'E-1001', month: '2026-11' };
    expect(await readRequests(await given('a.json', JSON.stringify(request)))).toEqual([{ at: 'entry 1', request }]);
    expect(await readRequests(await given('b.json', JSON.stringify([request, 'E-1002'])))).toEqual([
      { at: 'entry 1', request },
      { at: 'entry 2', unreadable: 'is not an object' },
    ]);
  });

  test('that is broken is refused', async () => {
    await expect(readRequests(await given('c.json', '{'))).rejects.toThrow(/c\.json is not JSON/);
  });
});

test('a file that is not there, or of another kind, is refused by its name', async () => {
  await expect(readRequests(join(folder, 'none.csv'))).rejects.toThrow(/none\.csv cannot be read: there is none/);
  await expect(readRequests(await given('a.txt', ''))).rejects.toThrow(UserError);
});
