import type { CaseRecord } from '../../../src/kit/contract';
import { mapOf, openProject, workflowsIn, type Workflow } from '../../../src/maps/extract';
import type { ProcessMap } from '../../../src/maps/process-map';
import { fits } from '../../../src/maps/replay';
import { Random } from '../replay/random';
import { valueOfType } from './answers';
import { foreignStep, withoutStep } from './mutants';
import { play, type Play } from './play';
import { Sandbox } from './sandbox';
import { inputOf, toldBy, type Told } from './told';
import { traceOf } from './trace';

/** A case that its map refuses. */
export interface Refusal {
  workflow: string;
  seed: number;
  message: string;
  trace: string;
}

/** What playing one workflow gave. */
export interface Figures {
  workflow: string;
  /** Flags of its map; such workflows are not played. */
  flags: number;
  runs: number;
  steps: number;
  /** Runs that workflow code ended as no workflow may. */
  stuck: number;
  stuckOf?: string;
  /** Cases of which the replay could not tell. */
  unknown: number;
  /** Cases that were changed so that they never were, and how many of them the map refuses. */
  mutants: number;
  refusedMutants: number;
  refusals: Refusal[];
}

export interface FuzzOptions {
  runs: number;
  /** Plays this seed alone. */
  seed?: number;
  /** Plays this workflow alone. */
  workflow?: string;
  /** Its code is not known to await something again and again. */
  mayHang?: boolean;
  /** What workflows are started with, where random values make no sense. */
  inputs?: Readonly<Record<string, (random: Random) => unknown[]>>;
}

/** Plays the workflows that a file exports, as long as their maps have no flag, and replays what they did on their maps. */
export async function* fuzz(file: string, options: FuzzOptions): AsyncGenerator<Figures> {
  const project = openProject([file]);
  const told = toldBy(project);
  let sandbox: Sandbox | undefined;
  for (const workflow of workflowsIn(project, file)) {
    if (options.workflow !== undefined && options.workflow !== workflow.name) continue;
    const map = mapOf(project, workflow);
    if (map.flags.length > 0) yield emptyFigures(map);
    else {
      sandbox ??= await Sandbox.of(file, told.activities.keys(), options.mayHang ?? false);
      yield await fuzzOne(playOf(told, sandbox, workflow, map, options), options);
    }
  }
}

function emptyFigures({ process, flags }: ProcessMap): Figures {
  return {
    workflow: process,
    flags: flags.length,
    runs: 0,
    steps: 0,
    stuck: 0,
    unknown: 0,
    mutants: 0,
    refusedMutants: 0,
    refusals: [],
  };
}

function playOf(told: Told, sandbox: Sandbox, workflow: Workflow, map: ProcessMap, { inputs = {} }: FuzzOptions): Play {
  const { checker } = told;
  const types = inputOf(told, workflow);
  return {
    sandbox,
    map,
    input: (random) => inputs[workflow.name]?.(random) ?? types.map((type) => valueOfType(checker, type, random)),
    answer: (random) => (what, name) => {
      const type = what === 'activity' ? told.activities.get(name) : undefined;
      return type ? valueOfType(checker, type, random) : random.oneOf([undefined, true, 'text', 2]);
    },
    carried: (random, message) => (told.messages.get(message) ?? []).map((type) => valueOfType(checker, type, random)),
  };
}

async function fuzzOne(given: Play, { runs, seed }: FuzzOptions): Promise<Figures> {
  const figures = emptyFigures(given.map);
  const seeds = seed === undefined ? Array.from({ length: runs }, (_, index) => index + 1) : [seed];
  for (const one of seeds) {
    const { records, stuck } = await play(given, one);
    figures.runs += 1;
    if (stuck !== undefined) {
      figures.stuck += 1;
      figures.stuckOf ??= stuck;
    }
    for (const record of records) replayOf(given.map, record, one, figures, seed !== undefined);
    const last = records.at(-1);
    if (last) mutate(given.map, last, new Random(one), figures);
  }
  return figures;
}

function replayOf(map: ProcessMap, record: CaseRecord, seed: number, figures: Figures, isTold: boolean): void {
  const fit = fits(map, record);
  figures.steps += record.steps.length;
  if (fit.fits === 'unknown') figures.unknown += 1;
  const { process: workflow } = map;
  const trace = traceOf(record);
  if (fit.fits === false) figures.refusals.push({ workflow, seed, message: fit.message, trace });
  else if (isTold) console.log(`${workflow}, seed ${seed}, fits: ${fit.fits}\n${trace}`);
}

function mutate(map: ProcessMap, record: CaseRecord, random: Random, figures: Figures): void {
  for (const mutant of [withoutStep(record, random), foreignStep(record, random)]) {
    if (!mutant) continue;
    figures.mutants += 1;
    if (fits(map, mutant).fits === false) figures.refusedMutants += 1;
  }
}
