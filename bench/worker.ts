import { answerQuestions } from './children';
import { engineFor, type Target } from './engines/engine';
import { processorTimeByThread } from './processes';

/** What a worker process can be asked. */
export type WorkerQuestion = 'cached' | 'collect garbage' | 'threads';

void answerQuestions<Target, WorkerQuestion>(async (target) => {
  const serving = await engineFor(target).serve(target);
  return {
    answer(question) {
      switch (question) {
        case 'cached':
          return Promise.resolve(serving.cached?.());
        case 'collect garbage':
          globalThis.gc?.();
          return Promise.resolve();
        case 'threads':
          return Promise.resolve(processorTimeByThread(process.pid));
      }
    },
    stop: () => serving.stop(),
  };
});
