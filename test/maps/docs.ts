import { join } from 'node:path';
import { z } from 'zod';
import { graphOf, mermaidOf } from '../../src/maps/draw';
import { processMapSchema } from '../../src/maps/schema';
import { packageRoot } from '../../src/platform/package';
import { extractMaps } from '../../src/platform/process-maps';

export const schemaFile = join(packageRoot, 'docs', 'process-map.schema.json');
export const docsFile = join(packageRoot, 'docs', 'maps.md');

/** The published JSON Schema of maps. */
export function schemaNow(): string {
  return `${JSON.stringify(z.toJSONSchema(processMapSchema), undefined, 2)}\n`;
}

/** The document with the map of the salary process as it is now. */
export function docsWithMap(docs: string): string {
  const [map] = extractMaps();
  if (!map) throw new Error('there is no map');
  const place = /(<!-- salary: [^\n]* -->\n)[^]*?(?=\n## )/;
  return docs.replace(
    place,
    (_, mark: string) => `${mark}\n\`\`\`mermaid\n${mermaidOf(graphOf(map)).trim()}\n\`\`\`\n`,
  );
}
