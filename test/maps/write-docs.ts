import { readFile, writeFile } from 'node:fs/promises';
import { docsFile, docsWithMap, schemaFile, schemaNow } from './docs';

/** `npm run maps:docs`, after the data of maps, their drawing or the salary process has changed. */
test('writes the published schema, and the map in docs/maps.md', async () => {
  await writeFile(schemaFile, schemaNow());
  await writeFile(docsFile, docsWithMap(await readFile(docsFile, 'utf8')));
});
