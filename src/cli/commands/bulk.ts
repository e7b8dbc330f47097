import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBatch, progressOf, readBatch, startBatch, stopBatch, type Batch, type BatchWanted } from '../api/batches';
import type { Api } from '../api/client';
import { print } from '../print';
import type { ActingOptions, ExitCode } from '../program';
import { countWords, renderEnded, renderShown } from '../render/batch';
import { command } from '../render/next';
import { actingByApi } from '../session';
import { WrongUse } from '../wrong-use';
import { jsonOf, resolutionNamed } from './deciding';
import { filterOf, type FilterOptions } from './looking';

interface BulkOptions extends ActingOptions, FilterOptions {
  yes?: true;
}

type Without<Wanted> = Wanted extends unknown ? Omit<Wanted, 'search'> : never;

export async function decide(
  task: string,
  decision: string,
  options: BulkOptions & { comment?: string; data?: string },
): Promise<ExitCode> {
  const { comment, data } = options;
  const given = {
    ...(comment !== undefined && { comment }),
    ...(data !== undefined && { data: await jsonOf('--data', data) }),
  };
  return showAndDo({ action: 'decide', task, decision, ...given }, options);
}

export async function resolve(
  action: string,
  options: BulkOptions & { reason: string; result?: string },
): Promise<ExitCode> {
  const { reason, result } = options;
  const resolution = resolutionNamed(action, result);
  const given = result !== undefined && { result: await jsonOf('--result', result) };
  return showAndDo({ action: 'resolve', resolution, reason, ...given }, options);
}

export function cancel(options: BulkOptions & { reason: string }): Promise<ExitCode> {
  const { reason } = options;
  return showAndDo({ action: 'cancel', reason }, options);
}

/** Does what was shown before. */
export function run(id: string, options: ActingOptions): Promise<ExitCode> {
  return actingByApi(options, (api) => carryOut(api, id, options));
}

export function stop(id: string, options: ActingOptions): Promise<void> {
  return actingByApi(options, async (api) => {
    await stopBatch(api, id);
    print(options, await readBatch(api, id), (batch) => `${countWords(batch)}; nothing more is begun.`);
  });
}

async function showAndDo(act: Without<BatchWanted>, options: BulkOptions): Promise<ExitCode> {
  const search = await searchOf(options);
  return actingByApi(options, async (api) => {
    const batch = await makeBatch(api, { ...act, search });
    const isOnlyShown = batch.counts.shown === 0 || !options.yes;
    if (!options.json || isOnlyShown) print(options, batch, renderShown);
    if (batch.counts.shown === 0) return batch.items === 0 ? 0 : 1;
    return options.yes || (await agrees(batch, options)) ? carryOut(api, batch.id, options) : 1;
  });
}

async function searchOf(options: BulkOptions): Promise<BatchWanted['search']> {
  const { startedBefore, ...filter } = await filterOf(options);
  const search = { ...filter, ...(startedBefore && { startedBefore: startedBefore.toISOString() }) };
  if (Object.keys(search).length > 0) return search as BatchWanted['search'];
  throw new WrongUse('It is not said which cases.', 'Add --process, --key, --step or another filter; see --help.');
}

async function agrees({ id }: Batch, { json, by, dataDir }: BulkOptions): Promise<boolean> {
  if (json || !process.stdin.isTTY) {
    const words = ['bulk', 'run', id, ...(by === undefined ? [] : ['--by', by])];
    const goOn = command(words, dataDir === undefined ? {} : { dataDir });
    process.stderr.write(`Nothing was done. To do what is shown: ${goOn}. Or add --yes.\n`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Do it? (y/N) ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

const pause = 500;
/** What is not a terminal is told every so many looks. */
const looksPerLine = 10;

/** Has a batch done and tells how far it is until it has ended. Ctrl-C stops it; once more leaves it to itself. */
async function carryOut(api: Api, id: string, options: ActingOptions): Promise<ExitCode> {
  await startBatch(api, id);
  const stopping = new AbortController();
  const stopIt = () => {
    process.stderr.write('\nStopping; what was begun is finished.\n');
    stopping.abort();
  };
  process.once('SIGINT', stopIt);
  try {
    let isStopped = false;
    for (let looks = 0; ; looks += 1) {
      if (stopping.signal.aborted && !isStopped) {
        await stopBatch(api, id);
        isStopped = true;
      }
      const batch = await progressOf(api, id);
      if (!options.json) tell(batch, looks);
      if (batch.status === 'ended' || batch.status === 'stopped') break;
      await sleep(pause, undefined, isStopped ? {} : { signal: stopping.signal }).catch(() => undefined);
    }
  } finally {
    process.off('SIGINT', stopIt);
  }
  const ended = await readBatch(api, id);
  print(options, ended, renderEnded);
  return ended.counts.done === ended.items ? 0 : 1;
}

function tell(batch: Omit<Batch, 'page'>, looks: number): void {
  const isOver = batch.status === 'ended' || batch.status === 'stopped';
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${isOver ? '' : countWords(batch)}`);
  else if (!isOver && looks % looksPerLine === 0) process.stderr.write(`${countWords(batch)}\n`);
}
