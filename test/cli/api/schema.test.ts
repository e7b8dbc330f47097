import { readFile } from 'node:fs/promises';
import { schemaFile, schemaNow } from './document';

test('the command line asks by the routes that the API has; else run npm run api:client', async () => {
  const now = await schemaNow();
  expect(now).toContain('"/api/cases/{id}"');
  expect(await readFile(schemaFile, 'utf8')).toBe(now);
});
