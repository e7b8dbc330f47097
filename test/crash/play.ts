import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ServiceError, type Client } from '@temporalio/client';
import {
  CaseClosed,
  decide,
  getCase,
  isServerLost,
  NoAnswer,
  resolve,
  signalDecision,
  signalResolution,
  startCase,
  type CaseRecord,
  type Decision,
} from '../../src/kit/client';
import { enterGiven, repair, requestsOf, type GivenCase } from './given';
import type { Installation } from './installation';
import { systemOf, type Kill, type Moment, type Scenario } from './scenario';

/** What came of a scenario. */
export interface Played {
  cases: (GivenCase & { record: CaseRecord })[];
  /** The administrator's phone. */
  administrator: string;
  /** Ids of the provider's messages that this run may have caused. */
  providerIds: string[];
}

/**
 * Plays a scenario to the end of all its cases but the one that is left open, while parts are killed and started again.
 * `say` is told of each kill. Rejects when a part ends that was not killed, a case does not end, a decision is refused, or a
 * moment to kill at does not come.
 */
export async function play(
  installation: Installation,
  scenario: Scenario,
  number: number,
  { say, signal }: { say: (what: string) => void; signal: AbortSignal },
): Promise<Played> {
  const { provider } = installation;
  const takenBefore = provider.taken.length;
  const { cases, administrator } = await enterGiven(installation, scenario, number);
  let failed = false;
  const goOn = () => {
    if (installation.endedByItself.length > 0)
      throw new Error(`ended by itself: ${installation.endedByItself.join('\n')}`);
    if (failed || signal.aborted) throw new Error('the run has failed');
  };
  const drivers = cases.map((each) => driver(installation, each, goOn));
  await Promise.all(drivers.map((each) => each.start()));

  const untilAllPlayed = () => Promise.all(drivers.map((each) => each.untilPlayed()));
  const allPlayed = untilAllPlayed();
  let killing = Promise.resolve();
  const kills = scenario.kills.map(async (kill) => {
    const come = await untilMoment(installation, kill.moment, cases, takenBefore, goOn, allPlayed);
    if (!come) throw new Error(`the moment to kill at did not come: ${describeKill(kill, cases)}`);
    killing = killing.then(async () => {
      say(describeKill(kill, cases));
      await installation.kill(kill.victims);
      if (kill.moment.at === 'sms') provider.release();
      if (!kill.victims.includes('temporal')) await Promise.all(drivers.map((each) => each.tellBlindly()));
      await sleep(kill.downFor);
      await installation.start(kill.victims);
    });
    await killing;
  });
  await Promise.all([allPlayed, Promise.all(kills)]).catch((error: unknown) => {
    failed = true;
    throw error;
  });
  const records = await untilAllPlayed();
  await untilTextsAreSent(installation, goOn, [administrator, ...cases.flatMap(({ phones }) => Object.values(phones))]);
  return {
    cases: cases.map((each, index) => ({ ...each, record: records[index] as CaseRecord })),
    administrator,
    providerIds: provider.taken.slice(takenBefore).map(({ sid }) => sid),
  };
}

function describeKill({ victims, moment, downFor }: Kill, cases: GivenCase[]): string {
  const who = victims.length === 1 ? victims[0] : 'everything';
  const caseId = 'case' in moment ? cases[moment.case]?.newCase.caseId : undefined;
  switch (moment.at) {
    case 'call':
      return `${who} ${moment.timing} ${moment.operation} of ${caseId}, for ${downFor} ms`;
    case 'history':
      return `${who} at event ${moment.events} of ${caseId}, for ${downFor} ms`;
    case 'sms':
      return `${who} when the provider has taken the first SMS, for ${downFor} ms`;
  }
}

/** False when all cases are played and the moment has not come. */
async function untilMoment(
  installation: Installation,
  moment: Moment,
  cases: GivenCase[],
  takenBefore: number,
  goOn: () => void,
  allPlayed: Promise<unknown>,
): Promise<boolean> {
  let over = false;
  allPlayed.then(
    () => (over = true),
    () => (over = true),
  );
  for (;;) {
    goOn();
    const last = over;
    if (await hasCome(installation, moment, cases, takenBefore).catch(() => false)) return true;
    if (last && moment.at !== 'sms') return false;
    await sleep(20);
  }
}

async function hasCome(
  installation: Installation,
  moment: Moment,
  cases: GivenCase[],
  takenBefore: number,
): Promise<boolean> {
  switch (moment.at) {
    case 'call': {
      const { operation, timing } = moment;
      const match = JSON.stringify(requestsOf(operation, cases[moment.case] as GivenCase));
      const struck = await installation.sql(
        systemOf[operation],
        `select 1 from faults
          where operation = $1 and timing = $2 and match = $3 and latency_ms is not null and remaining = 0`,
        [operation, timing, match],
      );
      return struck.length > 0;
    }
    case 'history': {
      const { newCase } = cases[moment.case] as GivenCase;
      const { historyLength } = await installation.client.workflow.getHandle(newCase.caseId).describe();
      return historyLength >= moment.events;
    }
    case 'sms':
      return installation.provider.taken.length > takenBefore;
  }
}

/** What people do about a case. */
interface Driver {
  start(): Promise<void>;
  /** Decides and resolves whatever comes up, until the case has ended or is where it is left open. */
  untilPlayed(): Promise<CaseRecord>;
  /** Signals the next decision without knowing whether anybody is asked for it yet. */
  tellBlindly(): Promise<void>;
}

function driver(installation: Installation, given: GivenCase, goOn: () => void): Driver {
  const { plan, newCase, decisions, resolution, expected } = given;
  const { caseId } = newCase;
  const { client } = installation;
  const told = new Set<string>();

  async function tell(decision: Decision, how: 'update' | 'signal'): Promise<void> {
    if (how === 'update') await decide(client, caseId, decision, { updateId: decision.task });
    else await signalDecision(client, caseId, decision);
    told.add(decision.task);
  }

  async function answer({ incidents, waitingFor }: CaseRecord): Promise<void> {
    for (const { step } of incidents.filter((incident) => incident.step !== expected.leftAt)) {
      if (!resolution) throw new NotExpected(`${caseId}: ${step} is parked`);
      if (resolution.action === 'retry') await repair(installation, given);
      const message = { step, ...resolution };
      if (plan.tells === 'update') await resolve(client, caseId, message);
      else await signalResolution(client, caseId, message);
    }
    for (const { id } of waitingFor.filter((task) => task.id !== expected.leftAt)) {
      const due = decisions.find(({ task }) => task === id);
      if (!due) throw new NotExpected(`${caseId} waits for ${id}`);
      const { reminders, ...decision } = due;
      if (told.has(id) || (reminders && textsTo(installation, reminders.phone) < reminders.after)) continue;
      await tell(decision, plan.tells === 'update' ? 'update' : 'signal');
    }
  }

  return {
    async start() {
      await startCase(client, newCase);
      if (plan.tells !== 'ahead') return;
      for (const decision of decisions) await tell(decision, 'signal');
    },
    async untilPlayed() {
      for (;;) {
        goOn();
        const record = await unlessDown(client, async () => {
          const asked = await getCase(client, caseId);
          if (asked.endedAt === undefined) await answer(asked);
          return asked;
        });
        if (record?.endedAt !== undefined) return record;
        if (record && isDeepStrictEqual(openStepsOf(record), [expected.leftAt])) return record;
        await sleep(100);
      }
    },
    async tellBlindly() {
      const next = decisions.find(({ task }) => !told.has(task));
      if (plan.tells === 'signal' && next && !plan.reminded) await unlessDown(client, () => tell(next, 'signal'));
    },
  };
}

/** Ids of the steps that have begun and not ended. */
export function openStepsOf({ steps }: CaseRecord): string[] {
  return steps.filter(({ status }) => status === 'open' || status === 'parked').map(({ id }) => id);
}

class NotExpected extends Error {}

/** Undefined when a server or the worker is down, or the case has ended meanwhile. */
async function unlessDown<T>(client: Client, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await client.withDeadline(Date.now() + 5_000, work);
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof CaseClosed || isServerLost(error) || isOfServer(error))
      return undefined;
    throw error;
  }
}

function isOfServer(error: unknown): boolean {
  return error instanceof ServiceError || typeof (error as { code?: unknown }).code === 'number';
}

function textsTo({ provider }: Installation, phone: string): number {
  return provider.taken.filter(({ to }) => to === phone).length;
}

async function untilTextsAreSent(installation: Installation, goOn: () => void, phones: string[]): Promise<void> {
  for (;;) {
    goOn();
    const unsent = await installation.sql(
      'notifications',
      `select id from messages where recipient = any($1) and status in ('pending', 'sending')`,
      [phones],
    );
    if (unsent.length === 0) return;
    await sleep(100);
  }
}
