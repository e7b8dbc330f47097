import { Client, Connection } from '@temporalio/client';
import { ensureDatabases, startPostgres } from '../../src/platform/postgres';
import { freePort } from '../../src/platform/ports';
import type { Target } from '../engines/engine';
import { inRounds, speedsOf, startRig, type Load, type Rig, type RigOptions, type Round } from '../rig';
import { startRestateServer, startTemporalServer } from '../servers';
import { figure, inWords, type Findings } from '../table';
import { percentile, ratiosOf, spreadOf, sumOf } from '../statistics';
import { variantNames, type VariantName } from '../variants';
import type { Given, Part } from './part';

type Name = VariantName | 'DBOS' | 'Restate';
type Measured = Record<Name, Round[]>;

/** Clients at which the ways are set against each other, in twice as many rounds. */
const atWork = 32;

/** The salary flow in each way, at 1, 32 and 128 clients. */
export const salary: Part = async (given) => {
  const { rounds, quick, say } = given;
  const temporal = await startTemporalServer(given);
  const rigs = await startRigs(given, temporal);
  const names = Object.keys(rigs) as Name[];
  say('warming up');
  for (const name of names) await rigs[name].measure({ clients: atWork, warmUpMs: 0, windowMs: quick ? 1000 : 3000 });

  const loads: Load[] = quick
    ? [
        { clients: 1, warmUpMs: 200, windowMs: 1000 },
        { clients: atWork, warmUpMs: 1000, windowMs: 2000 },
      ]
    : [
        { clients: 1, warmUpMs: 500, windowMs: 2500 },
        { clients: atWork, warmUpMs: 1500, windowMs: 3500 },
        { clients: 128, warmUpMs: 3000, windowMs: 4000 },
      ];
  const measured = new Map<number, Measured>();
  for (const load of loads) {
    const times = load.clients === atWork ? 2 * rounds : rounds;
    say(`${load.clients} clients, ${times} rounds of ${names.length} ways`);
    measured.set(load.clients, await inRounds(names, times, (name) => rigs[name].measure(load)));
  }
  const measuredAtWork = measured.get(atWork) as Measured;
  const histories = await lookAtHistories(temporal.address, measuredAtWork);
  return [throughput(measured), latencies(measured), ratios(measured), costs(measuredAtWork, histories)];
};

async function startRigs(given: Given, temporal: RigOptions['server'] & { address: string }) {
  const { variant, dir, atEnd, say } = given;
  say('starting servers, workers and clients');
  const rigs: Partial<Record<Name, Rig>> = {};
  for (const name of variantNames) {
    rigs[name] = await startRig(variant(name, temporal.address), { atEnd, server: temporal });
  }
  const postgres = await startPostgres({ dataDir: `${dir}/postgres` });
  atEnd(postgres.stop);
  await ensureDatabases(postgres, ['dbos']);
  const dbos: Target = { engine: 'dbos', databaseUrl: postgres.url('dbos'), port: await freePort() };
  rigs.DBOS = await startRig(dbos, { atEnd, server: postgres });
  const server = await startRestateServer(given);
  const restate: Target = { engine: 'restate', ...server, port: await freePort() };
  rigs.Restate = await startRig(restate, { atEnd, server });
  return rigs as Record<Name, Rig>;
}

interface HistoryFigures {
  events: number;
  workflowTasks: number;
}

/** Events and workflow tasks of the last flows of each round, on average. */
async function lookAtHistories(address: string, measured: Measured): Promise<Map<Name, HistoryFigures>> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const figures = new Map<Name, HistoryFigures>();
  try {
    for (const name of variantNames) {
      const ids = measured[name].flatMap((round) => round.ids.slice(-10));
      let [events, workflowTasks] = [0, 0];
      for (const id of ids) {
        const history = (await client.workflow.getHandle(id).fetchHistory()).events ?? [];
        events += history.length / ids.length;
        workflowTasks += history.filter((event) => event.workflowTaskCompletedEventAttributes).length / ids.length;
      }
      figures.set(name, { events, workflowTasks });
    }
  } finally {
    await connection.close();
  }
  return figures;
}

const clientsInWords = (clients: number) => `${clients} ${clients === 1 ? 'client' : 'clients'}`;

function throughput(measured: Map<number, Measured>): Findings {
  return {
    title: 'Processes per second: median (smallest to largest) of the rounds',
    head: ['', ...[...measured.keys()].map(clientsInWords)],
    rows: byName(measured, (rounds) => inWords(spreadOf(speedsOf(rounds)))),
  };
}

function latencies(measured: Map<number, Measured>): Findings {
  return {
    title: 'From the start to the result in milliseconds: p50 / p99 of all rounds',
    head: ['', ...[...measured.keys()].map(clientsInWords)],
    rows: byName(measured, (rounds) => {
      const all = rounds.flatMap((round) => round.latencies);
      return `${figure(percentile(all, 50), 0)} / ${figure(percentile(all, 99), 0)}`;
    }),
  };
}

function byName(measured: Map<number, Measured>, cell: (rounds: Round[]) => string): string[][] {
  const [first] = [...measured.values()];
  return (Object.keys(first ?? {}) as Name[]).map((name) => [
    name,
    ...[...measured.values()].map((ofAll) => cell(ofAll[name])),
  ]);
}

const compared: [Name, Name, string][] = [
  ['plugin', 'plain', '0.97'],
  ['kit', 'plain', ''],
  ['kit, reads', 'plain', '1.2 at 32'],
  ['kit', 'plain, by signal', ''],
  ['kit, reads', 'plain, by signal', ''],
];

function ratios(measured: Map<number, Measured>): Findings {
  return {
    title: 'Throughput compared, round by round: median (smallest to largest) of the ratios',
    head: ['', ...[...measured.keys()].map(clientsInWords), 'to reach'],
    rows: compared.map(([name, base, target]) => [
      `${name} : ${base}`,
      ...[...measured.values()].map((ofAll) =>
        inWords(spreadOf(ratiosOf(speedsOf(ofAll[name]), speedsOf(ofAll[base]))), 2),
      ),
      target,
    ]),
  };
}

const allTimes = (rounds: Round[]) => rounds.map(({ processorTime }) => sumOf(Object.values(processorTime)));

function costs(measured: Measured, histories: Map<Name, HistoryFigures>): Findings {
  return {
    title: 'What one process costs, at 32 clients',
    head: ['', 'server ms', 'worker ms', 'client ms', 'all to plain', 'actions', 'events', 'workflow tasks'],
    rows: (Object.entries(measured) as [Name, Round[]][]).map(([name, rounds]) => [
      name,
      ...(['server', 'worker', 'client'] as const).map((part) =>
        inWords(spreadOf(rounds.map(({ processorTime }) => processorTime[part]))),
      ),
      inWords(spreadOf(ratiosOf(allTimes(rounds), allTimes(measured.plain))), 2),
      figure(spreadOf(rounds.map(({ actions }) => actions)).median, 0),
      figure(histories.get(name)?.events ?? NaN),
      figure(histories.get(name)?.workflowTasks ?? NaN),
    ]),
    notes: [
      'Milliseconds of processor time. Actions as the server itself counts them (its metric `action`); events and workflow tasks from the histories of the last ten processes of each round. The server is Postgres for DBOS, whose worker is the application that runs the flow.',
    ],
  };
}
