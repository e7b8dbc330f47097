import { writeFile } from 'node:fs/promises';
import { schemaFile, schemaNow } from './document';

/** `npm run api:client`, after a route of the API has changed. */
test('writes the types of the API that the command line asks by', async () => {
  await writeFile(schemaFile, await schemaNow());
});
