import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { processMapSchema } from '../../src/maps/schema';
import { packageRoot } from '../../src/platform/package';

/** Writes the published JSON Schema of maps: `npm run maps:schema`. */
test('docs/process-map.schema.json', async () => {
  const schema = z.toJSONSchema(processMapSchema);
  await writeFile(join(packageRoot, 'docs', 'process-map.schema.json'), `${JSON.stringify(schema, undefined, 2)}\n`);
});
