/**
 * A workflow for each construct that maps are read from. `@map` is the outline that is expected of the map: what is in
 * a block is indented by two more.
 */
import {
  ActivityFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
  Trigger,
} from '@temporalio/workflow';
import * as wf from '@temporalio/workflow';
import { approve, system, task } from '../../../src/kit/workflow';

interface Activities {
  a(): Promise<string>;
  b(input: string): Promise<boolean>;
  c(): Promise<void>;
  undoA(): Promise<void>;
  undoB(): Promise<void>;
}

const { a, b: renamed, c, undoA, undoB } = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' });
const activities = proxyActivities<Activities>({ startToCloseTimeout: '1 minute' });
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 minute' });
const shop = system<{ order(input: { id: string }): Promise<string>; find(input: object): Promise<string> }>('shop', {
  reads: ['find'],
  pivots: ['order'],
});

const approved = defineSignal('approved');
const renew = defineUpdate<string, [string]>('renew');
const state = defineQuery<string>('state');

/**
 * @map
 * call a
 * call b
 * call c local
 * call shop.find local
 * call shop.order
 */
export async function callsByAnyProxy(): Promise<void> {
  await a();
  await activities['b']('x');
  await local.c();
  await shop.find({});
  await shop.order({ id: 'x' });
}

/**
 * @map
 * call b
 * call a
 */
export async function renamedAndWithOptions(): Promise<void> {
  await renamed('x');
  await activities.a.executeWithOptions({ startToCloseTimeout: '1 second' }, []);
}

/**
 * @map
 * timer timer in 30 days
 * wait "Is approved" fed by approved
 * wait timer in 1 hour fed by approved
 * child callsByAnyProxy
 * child other goes on
 * signal approved
 * on signal approved
 */
export async function waitsChildrenAndSignals(id: string): Promise<void> {
  let isApproved = false;
  setHandler(approved, () => {
    isApproved = true;
  });
  await sleep('30 days');
  await condition(() => isApproved);
  await condition(() => isApproved, '1 hour');
  await executeChild(callsByAnyProxy, { args: [] });
  await startChild('other');
  await getExternalWorkflowHandle(id).signal(approved);
}

/**
 * @map
 * wait "Done" fed by renew
 * on update renew
 *   call a
 * on query state
 */
export async function handlersWithWork(): Promise<void> {
  const done = new Trigger<void>();
  setHandler(renew, async () => {
    const text = await a();
    done.resolve();
    return text;
  });
  setHandler(state, () => 'fine');
  await done;
}

/**
 * @map
 * all
 *   |
 *     call a
 *   |
 *     both()
 *       call b
 *       call c
 * allSettled, for each of names
 *   call b
 * race
 *   |
 *     call a
 *   |
 *     timer timer in 1 day
 */
export async function parallel(names: string[]): Promise<void> {
  await Promise.all([a(), both()]);
  await Promise.allSettled(names.map((name) => renamed(name)));
  await Promise.race([a(), wf.sleep('1 day')]);

  async function both() {
    await renamed('x');
    await c();
  }
}

/**
 * @map
 * all
 *   |
 *     call a
 *   |
 *     both()
 *       call b
 *       call c
 */
export async function helpersInParallel(): Promise<void> {
  await Promise.all([a(), both()]);
}

async function both(): Promise<void> {
  await renamed('x');
  await c();
}

/**
 * @map
 * Urgent?
 *   yes:
 *     call a
 *   no:
 *     Kind: large?
 *       yes:
 *         call b
 *       no:
 * Urgent and kind: large?
 *   yes:
 *     call c
 *   no:
 */
export async function choices(urgent: boolean, kind: 'large' | 'small'): Promise<void> {
  if (urgent) await a();
  else if (kind === 'large') await renamed('x');
  const done = urgent && kind === 'large' ? await c() : undefined;
  return done;
}

/**
 * @map
 * Kind?
 *   large, larger:
 *     call a
 *   small:
 *     call b
 *   none:
 *     call c
 */
export async function switches(kind: 'large' | 'larger' | 'small' | 'none'): Promise<void> {
  switch (kind) {
    case 'large':
    case 'larger':
      await a();
      break;
    case 'small':
      await renamed('x');
      return;
    case 'none':
      await c();
  }
}

/**
 * @map
 * Not urgent?
 *   yes:
 *     return
 *   no:
 * call a
 */
export async function earlyReturn(urgent: boolean): Promise<void> {
  if (!urgent) return;
  await a();
}

/**
 * @map
 * loop, for each of names
 *   call b
 *   Found?
 *     yes:
 *       break
 *     no:
 * loop at least once, while names length > 0
 *   call a
 */
export async function loops(names: string[]): Promise<void> {
  for (const name of names) {
    const found = await renamed(name);
    if (found) break;
  }
  do {
    await a();
  } while (names.length > 0);
}

/**
 * @map
 * loop, again and again
 *   call c
 *   Not in time?
 *     yes:
 *       continueAsNew "Goes on as a new run"
 *     no:
 */
export async function forever(names: string[]): Promise<void> {
  for (;;) {
    await c();
    const inTime = names.length > 1;
    if (!inTime) await continueAsNew<typeof forever>(names);
  }
}

/**
 * @map
 * loop, while renamed('x')
 *   call b
 *   renamed('x')?
 *     yes:
 *     no:
 *       break
 *   call a
 */
export async function asksInTheCondition(): Promise<void> {
  while (await renamed('x')) await a();
}

/**
 * @map
 * try
 *   call a
 * catch
 *   error instanceof ActivityFailure?
 *     yes:
 *       call undoA
 *     no:
 *   throw "Nothing was done"
 * finally
 *   call c
 */
export async function failures(): Promise<void> {
  try {
    await a();
  } catch (error) {
    if (error instanceof ActivityFailure) await undoA();
    throw new Error('Nothing was done', { cause: error });
  } finally {
    await c();
  }
}

/**
 * @map
 * try
 *   call a
 *   call b
 * catch
 *   loop, for each of undo.reverse()
 *     Which one?
 *       1:
 *         call undoA
 *       2:
 *         call undoB
 *   throw "Fails"
 */
export async function compensations(): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    undo.push(() => undoA());
    await a();
    undo.push(undoB);
    await renamed('x');
  } catch (error) {
    for (const one of undo.reverse()) await one();
    throw error;
  }
}

/**
 * @map
 * beside
 *   call a
 * beside, not awaited
 *   call c
 * race
 *   |
 *   |
 *     timer timer in 1 minute
 */
export async function aside(): Promise<void> {
  const later = a();
  void c();
  await Promise.race([later, sleep('1 minute')]);
}

/**
 * @map
 * try
 *   call a
 *   call b
 * catch
 *   call c
 */
export async function chained(): Promise<void> {
  await a()
    .then((text) => renamed(text))
    .catch(() => c());
}

/**
 * @map
 * call a
 * beside
 *   timer timer in 1 minute
 * call c
 */
export async function scopes(): Promise<void> {
  await CancellationScope.nonCancellable(() => a());
  await CancellationScope.withTimeout('1 minute', async () => {
    await c();
  });
}

/**
 * @map
 * twice()
 *   call a
 *   call a
 * twice()
 *   call c
 *   call c
 */
export async function functionsAsArguments(): Promise<void> {
  await twice(a);
  await twice(() => c());
}

async function twice(work: () => Promise<unknown>): Promise<void> {
  await work();
  await work();
}

/**
 * @map
 * refuse()
 *   Amount < 0?
 *     yes:
 *       throw "The amount is negative"
 *     no:
 * half(amount) < 3?
 *   yes:
 *     call a
 *   no:
 */
export async function checks(amount: number): Promise<void> {
  refuse(amount);
  if (half(amount) < 3) await a();
}

function refuse(amount: number): void {
  if (amount < 0) throw new Error('The amount is negative');
}

function half(amount: number): number {
  return amount > 1 ? half(amount / 2) : amount;
}

/**
 * @map
 * task approveBonus by manager in 2 days
 *   tells
 *     call c
 * task enterData by clerk
 */
export async function people(): Promise<void> {
  await approve('approveBonus', { role: 'manager', dueIn: '2 days', tell: () => c() });
  await task('enterData', { ...asking({ role: 'clerk' }), form: {} });
}

function asking({ role }: { role: string }) {
  return { role };
}

class Desk {
  private readonly greeting = 'hello';

  async serve(): Promise<void> {
    await renamed(this.greeting);
    await this.close();
  }

  private async close(): Promise<void> {
    await c();
  }
}

/**
 * @map
 * serve()
 *   call b
 *   close()
 *     call c
 */
export async function methods(): Promise<void> {
  const desk = new Desk();
  await desk.serve();
}

/**
 * @map
 * try
 *   beside
 *     call a
 *   return
 * catch
 *   call c
 */
export async function returnsWithoutAwaitInTry(): Promise<string | void> {
  try {
    return a();
  } catch {
    await c();
  }
}

/**
 * @map
 * loop, while hold
 *   loop, for each of names
 *     call b
 *     Hold?
 *       yes:
 *         continue
 *       no:
 *     call c
 */
export async function labelled(names: string[], hold: boolean): Promise<void> {
  outer: while (hold) {
    for (const name of names) {
      await renamed(name);
      if (hold) continue outer;
      await c();
    }
  }
}

class Account {
  isOpen = true;

  async close(): Promise<void> {
    await c();
    this.isOpen = false;
  }
}

/**
 * @map
 * wait "Not account is open" fed by approved
 * on signal approved
 *   call c
 */
export async function boundHandler(): Promise<void> {
  const account = new Account();
  setHandler(approved, account.close.bind(account));
  await condition(() => !account.isOpen);
}
