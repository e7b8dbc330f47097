import { inRounds, speedsOf, startRig, type Rig, type Round } from '../rig';
import { startTemporalServer } from '../servers';
import { inWords } from '../table';
import { ratiosOf, spreadOf } from '../statistics';
import type { Part } from './part';

/** The embedded server with its state in our file, and in memory. */
export const store: Part = async (given) => {
  const { variant, atEnd, rounds, quick, say } = given;
  const rigs: Record<string, Rig> = {};
  for (const [name, args] of Object.entries({ 'in our file': [], 'in memory': ['--db-filename', ''] })) {
    const server = await startTemporalServer(given, { args });
    const rig = await startRig(variant('plain', server.address), { atEnd, server });
    await rig.measure({ clients: 32, warmUpMs: 0, windowMs: 3000 });
    rigs[name] = rig;
  }
  say(`state in the file and in memory, ${rounds} rounds`);
  const load = { clients: 32, warmUpMs: 1500, windowMs: quick ? 1500 : 5000 };
  const measured = await inRounds(Object.keys(rigs), rounds, (name) => (rigs[name] as Rig).measure(load));
  const serverTimes = (rounds: Round[] = []) => rounds.map(({ processorTime }) => processorTime.server);
  return [
    {
      title: 'State of the embedded server in our file and in memory, plain at 32 clients',
      head: ['', 'processes/s', 'server ms a process', 'to memory, round by round', 'to reach'],
      rows: Object.entries(measured).map(([name, ofName]) => {
        const ratio = ratiosOf(serverTimes(ofName), serverTimes(measured['in memory']));
        return [
          name,
          inWords(spreadOf(speedsOf(ofName))),
          inWords(spreadOf(serverTimes(ofName))),
          name === 'in memory' ? '' : inWords(spreadOf(ratio), 2),
          name === 'in memory' ? '' : 'at most 1.3',
        ];
      }),
    },
  ];
};
