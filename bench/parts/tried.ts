import type { OnTemporal } from '../engines/engine';
import { inRounds, speedsOf, startRig, type Load, type Rig } from '../rig';
import { startTemporalServer, type ServerChange } from '../servers';
import { figure, inWords } from '../table';
import { ratiosOf, spreadOf } from '../statistics';
import type { Part } from './part';

interface Change {
  server?: ServerChange;
  target?: Partial<OnTemporal>;
}

const dynamic = (...settings: string[]) => settings.flatMap((setting) => ['--dynamic-config-value', setting]);

const changes: Record<string, Change> = {
  'as shipped': {},
  "GOGC=100 (Go's own)": { server: { env: { GOGC: '100' } } },
  'GOGC=800': { server: { env: { GOGC: '800' } } },
  "4 partitions of a task queue (the server's own)": {
    server: { args: dynamic('matching.numTaskqueueReadPartitions=4', 'matching.numTaskqueueWritePartitions=4') },
  },
  'synchronous=OFF': { server: { args: ['--sqlite-pragma', 'synchronous=OFF'] } },
  '2 workflow threads': { target: { worker: { workflowThreadPoolSize: 2 } } },
  '64 cached workflows': { target: { worker: { maxCachedWorkflows: 64 } } },
  '200 workflow tasks at once': { target: { worker: { maxConcurrentWorkflowTaskExecutions: 200 } } },
  '10 pollers': {
    target: { worker: { workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 10 } } },
  },
  'activity pollers that scale, too': {
    target: { worker: { activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 5, maximum: 100 } } },
  },
  'nothing compressed': { target: { compression: 'none' } },
  'client on gRPC in JavaScript': { target: { clientConnection: 'grpc-js' } },
};

/** What changes of settings bring, one by one, to the kit with reads. */
export const tried: Part = async (given) => {
  const { variant, atEnd, rounds, quick, say } = given;
  const shipped = await startTemporalServer(given);
  const rigs: Record<string, Rig> = {};
  for (const [name, { server: change, target }] of Object.entries(changes)) {
    const server = change ? await startTemporalServer(given, change) : shipped;
    rigs[name] = await startRig({ ...variant('kit, reads', server.address, name), ...target }, { atEnd, server });
    await rigs[name].measure({ clients: 32, warmUpMs: 0, windowMs: quick ? 1000 : 2000 });
  }
  say(`${Object.keys(rigs).length} settings, ${rounds} rounds`);
  const load: Load = { clients: 128, warmUpMs: 3000, windowMs: quick ? 2000 : 4000 };
  const measured = await inRounds(Object.keys(rigs), rounds, (name) => (rigs[name] as Rig).measure(load));
  return [
    {
      title: 'Changes tried, `kit, reads` with one worker at 128 clients',
      head: ['', 'processes/s', 'to as shipped, round by round', 'server ms', 'worker ms', 'client ms'],
      rows: Object.entries(measured).map(([name, ofName]) => [
        name,
        inWords(spreadOf(speedsOf(ofName))),
        inWords(spreadOf(ratiosOf(speedsOf(ofName), speedsOf(measured['as shipped']))), 2),
        ...(['server', 'worker', 'client'] as const).map((part) =>
          figure(spreadOf(ofName.map(({ processorTime }) => processorTime[part])).median),
        ),
      ]),
    },
  ];
};
