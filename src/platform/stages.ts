import { Listr } from 'listr2';

/** One part of a longer work; `say` tells what it is at. Answers with what came of it. */
export interface Stage {
  title: string;
  run(say: (line: string) => void): Promise<string>;
}

/** Where progress is shown: `lines` on standard output (in place on a terminal), or nowhere. */
export type Progress = 'lines' | 'none';

/** Run stages one after the other and show how far it is. Rejects with the first error; `signal` ends it between stages. */
export async function runStages(
  stages: Stage[],
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  let failure: unknown;
  const tasks = stages.map(({ title, run }) => ({
    title,
    async task(_: unknown, task: { title: string; output: string }) {
      let said = '';
      try {
        signal.throwIfAborted();
        task.title = await run((line) => {
          if (line !== said) task.output = line;
          said = line;
        });
      } catch (error) {
        failure = error;
        throw new Error(signal.aborted ? 'stopped' : 'see below', { cause: error });
      }
    },
  }));
  const listr = new Listr(tasks, {
    renderer: progress === 'none' ? 'silent' : 'default',
    fallbackRenderer: 'simple',
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false },
  });
  await listr.run().catch((error: unknown) => {
    throw failure ?? error;
  });
}
