import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { didYouMean } from '../service/did-you-mean';
import type { ServiceApp } from '../service/http';
import { Problem } from '../service/problem';
import { graphOf, mermaidOf, svgOf, type MapGraph } from '../maps/draw';
import type { ProcessMap } from '../maps/process-map';
import type { NodeState } from '../maps/states';
import { statesOf } from '../maps/replay';
import { mapNames, readMap, type KeptMap } from '../view/maps';
import { caseFor } from './access';
import type { ApiParts } from './server';

const word = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1,000 characters');

/** `docs/process-map.schema.json` says more. */
const mapSchema = z.looseObject({ version: z.int(), process: z.string(), label: z.string() });

/** The route that gives the map of a process, on which a case may be drawn. */
export function addMaps(app: ServiceApp, { view }: Pick<ApiParts, 'view'>): void {
  const graphs = new LRUCache<string, MapGraph>({ max: 100 });
  app.get(
    '/api/processes/:process/map',
    {
      config: { allows: ['read', 'Process'] },
      schema: {
        operationId: 'readMap',
        summary: 'The map of a process, as data or drawn',
        description:
          'Of the build that was kept last, unless a build or a case is told; `docs/process-map.schema.json` describes the data.',
        tags: ['processes'],
        params: z.object({ process: word }),
        querystring: z.strictObject({
          format: z.enum(['json', 'mermaid', 'svg']).default('json'),
          build: word.optional().describe('Build id of the workers that run it'),
          case: word.optional().describe('Id of a case of the process, which is drawn on the map'),
        }),
        response: {
          200: {
            description: 'The map',
            content: {
              'application/json': { schema: mapSchema },
              'text/vnd.mermaid': { schema: z.string() },
              'image/svg+xml': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ params: { process }, query, person }, reply) => {
      const known = query.case === undefined ? undefined : await caseFor(view, person, 'read', query.case);
      if (known && known.record.process !== process) {
        const message = `${query.case} is a case of ${known.record.process}, not of ${process}`;
        const errors = [{ field: 'case', value: query.case, message }];
        throw new Problem(422, 'other-process', `case: ${message}`, { errors });
      }
      if (known && query.build !== undefined && query.build !== known.record.build) {
        const message = `the case ran last in the build "${known.record.build ?? ''}"; leave the build out`;
        throw new Problem(422, 'other-build', `build: ${message}`, {
          errors: [{ field: 'build', value: query.build, message }],
        });
      }
      const build = query.build ?? (known ? (known.record.build ?? '') : undefined);
      const { map } = (await readMap(view, process, build)) ?? (await noMap(process, build));
      const states: ReadonlyMap<string, NodeState> | undefined = known && statesOf(map, known.record);
      if (query.format === 'json') return { ...map, ...(states && { states: Object.fromEntries(states) }) };
      const graph = graphOfMap(map);
      if (query.format === 'svg') return reply.type('image/svg+xml').send(await svgOf(graph, states));
      return reply.type('text/vnd.mermaid').send(mermaidOf(graph, states));
    },
  );

  /** The same for the same map: that where things stand in a picture is found once. */
  function graphOfMap(map: ProcessMap): MapGraph {
    const key = JSON.stringify(map);
    const graph = graphs.get(key) ?? graphOf(map);
    graphs.set(key, graph);
    return graph;
  }

  async function noMap(process: string, build: string | undefined): Promise<KeptMap> {
    const names = await mapNames(view);
    const ofBuild = build === undefined || build === '' ? '' : ` in the build "${build}"`;
    const hint = names.includes(process) ? '.' : didYouMean(process, names) || '.';
    throw new Problem(404, 'no-map', `There is no map of the process "${process}"${ofBuild}${hint}`);
  }
}
