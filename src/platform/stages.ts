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
  const tasks = stages.map(({ title, run }) => ({
    title,
    task: async (_: unknown, task: { title: string; output: string }) => {
      signal.throwIfAborted();
      task.title = await run((line) => {
        task.output = line;
      });
    },
  }));
  await new Listr(tasks, {
    renderer: progress === 'none' ? 'silent' : 'default',
    fallbackRenderer: 'simple',
    registerSignalListeners: false,
    rendererOptions: { showErrorMessage: false },
  }).run();
}
