import { defaultPayloadConverter } from '@temporalio/common';
import {
  decideMessage,
  resolveMessage,
  type CaseRecord,
  type Decision,
  type Resolution,
} from '../../../src/kit/contract';
import type { ProcessMap } from '../../../src/maps/process-map';
import type { Random } from '../replay/random';
import type { Job } from './sandbox';

type Carried = (random: Random, message: string) => unknown[];

/** A message that the case takes, if it takes any. */
export async function messageTo(
  map: ProcessMap,
  recordNow: () => Promise<CaseRecord>,
  random: Random,
  carried: Carried,
): Promise<Job | undefined> {
  const handlers = map.handlers.filter(({ type }) => type === 'signal' || type === 'update');
  const asksPeople = usesKit(map);
  const ways = [...handlers, ...(asksPeople ? ['kit' as const, 'kit' as const] : [])];
  if (ways.length === 0) return undefined;
  const way = random.oneOf(ways);
  if (way === 'kit') return kitMessage(await recordNow(), random);
  const name = way.name ?? 'anything';
  const input = carried(random, name).map((value) => defaultPayloadConverter.toPayload(value));
  return way.type === 'update' ? update(name, input, random) : { signalWorkflow: { signalName: name, input } };
}

function usesKit({ handlers, body }: ProcessMap): boolean {
  return handlers.some(({ type }) => type === 'alert') || /"type":"(?:task|alert)"/.test(JSON.stringify(body));
}

function update(name: string, input: ReturnType<typeof defaultPayloadConverter.toPayload>[], random: Random): Job {
  const id = String(random.below(1_000_000));
  return { doUpdate: { id, protocolInstanceId: id, name, input, runValidator: true, meta: { updateId: id } } };
}

/** Somebody decides what is asked, or an operator does something about an incident. */
function kitMessage({ waitingFor, incidents }: CaseRecord, random: Random): Job | undefined {
  const asked = [...waitingFor, ...incidents];
  if (asked.length === 0) return undefined;
  const about = random.oneOf(asked);
  const send = (name: string, content: Decision | Resolution): Job => {
    const input = [defaultPayloadConverter.toPayload(content)];
    return random.chance(50) ? update(name, input, random) : { signalWorkflow: { signalName: name, input } };
  };
  if ('step' in about) {
    const action = random.oneOf(['retry', 'retry', 'skip', 'replace', 'fail'] as const);
    return send(resolveMessage, { step: about.step, action, by: 'E-9', reason: 'as it is', result: {} });
  }
  const by = random.oneOf(about.candidates ?? ['E-8']);
  const example = exampleOf(about.form);
  const data = example === undefined ? {} : { data: example };
  return send(decideMessage, { task: about.id, decision: random.oneOf(about.decisions), by, ...data });
}

function exampleOf(form: { examples?: unknown[] } | undefined): unknown {
  return form?.examples?.[0];
}
