import { LRUCache } from 'lru-cache';
import { sql, type Generated, type JSONColumnType, type Kysely } from 'kysely';
import type { CaseRecord } from '../kit/client';
import { mapVersion, type ProcessMap } from '../maps/process-map';
import type { ViewTables } from './database';

export interface MapTables {
  process_maps: {
    process: string;
    /** Build id of the workers that run it: the one they were given, else the SDK's, which is made of their code. */
    build: string;
    map: JSONColumnType<ProcessMap>;
    kept_at: Generated<string>;
  };
}

/** Keeps the maps of what workers of a build run. */
export async function keepMaps(db: Kysely<ViewTables>, build: string, maps: readonly ProcessMap[]): Promise<void> {
  if (maps.length === 0) return;
  await db
    .insertInto('process_maps')
    .values(maps.map((map) => ({ process: map.process, build, map: JSON.stringify(map) })))
    .onConflict((row) =>
      row
        .columns(['process', 'build'])
        .doUpdateSet(({ ref }) => ({ map: ref('excluded.map'), kept_at: sql<string>`now()` }))
        .where(({ eb, ref }) => eb('process_maps.map', 'is distinct from', ref('excluded.map'))),
    )
    .execute();
}

/** A map as it is kept. */
export interface KeptMap {
  build: string;
  map: ProcessMap;
}

/** The map of a process in a build, or else in the build that was kept last; of a version that is read here. */
export async function readMap(db: Kysely<ViewTables>, process: string, build?: string): Promise<KeptMap | undefined> {
  if (process.includes('\0') || build?.includes('\0')) return undefined;
  let wanted = db
    .selectFrom('process_maps')
    .select(['build', 'map'])
    .where('process', '=', process)
    .where(sql<number>`(map->>'version')::integer`, '=', mapVersion)
    .orderBy('kept_at', 'desc')
    .limit(1);
  if (build !== undefined) wanted = wanted.where('build', '=', build);
  const found = await wanted.executeTakeFirst();
  return found;
}

/** How long a map is taken for that of its build, which does not change, and how long there is taken to be none; in milliseconds. */
const freshFor = { map: 3_600_000, none: 10_000 };

/** Finds the map of a case: that of the build which its worker is of. */
export function mapsOfCases(
  db: Kysely<ViewTables>,
): (record: Pick<CaseRecord, 'process' | 'build'>) => Promise<ProcessMap | undefined> {
  const maps = new LRUCache<string, { map: ProcessMap | undefined }>({
    max: 200,
    ttl: freshFor.none,
    fetchMethod: async (key, _before, { options }) => {
      const [process = '', build = ''] = JSON.parse(key) as string[];
      const found = await readMap(db, process, build);
      if (found) options.ttl = freshFor.map;
      return { map: found?.map };
    },
  });
  return async ({ process, build = '' }) => (await maps.fetch(JSON.stringify([process, build])))?.map;
}

/** The processes of which there are maps. */
export async function mapNames(db: Kysely<ViewTables>): Promise<string[]> {
  const found = await db.selectFrom('process_maps').select('process').distinct().orderBy('process').execute();
  return found.map(({ process }) => process);
}
