import { fork } from 'node:child_process';
import { join } from 'node:path';

/** A process of ours that answers questions, one at a time. */
export interface Child {
  pid: number;
  /** @throws Error that the child answered with, or that says that it has gone. */
  ask<Answer>(question: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

type Reply = { answer: unknown } | { error: string };

/** Start `script` of this folder with `setting` in a process of its own; resolves when it is ready. */
export async function startChild(script: string, setting: unknown, nodeOptions: string[] = []): Promise<Child> {
  const child = fork(join(__dirname, 'start.js'), [script, JSON.stringify(setting)], {
    execArgv: nodeOptions,
    stdio: ['ignore', 2, 2, 'ipc'],
    serialization: 'advanced',
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const reply = () =>
    new Promise<unknown>((resolve, reject) => {
      const listen = (message: Reply) => {
        child.off('exit', fail);
        if ('error' in message) reject(new Error(`${script}: ${message.error}`));
        else resolve(message.answer);
      };
      const fail = () => {
        child.off('message', listen);
        reject(new Error(`${script} has ended; what it said is above`));
      };
      child.once('message', listen).once('exit', fail);
    });
  await reply();
  return {
    pid: child.pid as number,
    async ask<Answer>(question: unknown) {
      const answer = reply();
      child.send(question as object);
      return (await answer) as Answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/**
 * The other side: gets ready with the setting, then answers each question; when the one who asks has gone, stops and ends
 * the process.
 */
export async function answerQuestions<Setting, Question>(
  getReady: (setting: Setting) => Promise<{ answer(question: Question): Promise<unknown>; stop(): Promise<void> }>,
): Promise<void> {
  const say = (reply: Reply) => process.send?.(reply);
  process.on('SIGINT', () => undefined);
  try {
    const { answer, stop } = await getReady(JSON.parse(process.argv[3] ?? '') as Setting);
    process.once('disconnect', () => void stop().finally(() => process.exit()));
    process.on('message', (question) => {
      answer(question as Question).then(
        (found) => say({ answer: found }),
        (error: unknown) => say({ error: String(error) }),
      );
    });
    say({ answer: undefined });
  } catch (error) {
    say({ error: String(error) });
    process.exitCode = 1;
    process.disconnect();
  }
}
