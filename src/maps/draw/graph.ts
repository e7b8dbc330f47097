import type { Handler, ProcessMap, StepBlock } from '../process-map';
import { lower, type Leave } from './lower';
import type { MapGraph } from './map-graph';
import { simplify } from './simplify';
import { Sketch } from './sketch';

/** What is drawn of a map. */
export function graphOf(map: ProcessMap): MapGraph {
  const sketch = new Sketch();
  sketch.node({ id: '#start', kind: 'start', label: 'start' });
  sketch.node({ id: '#end', kind: 'end', end: 'done', label: 'done' });
  sketch.edge('#start', lower(map.body, { next: '#end', leave: endOfProcess(sketch) }, sketch));
  for (const handler of map.handlers) addHandler(handler, sketch);
  for (const step of sketch.steps()) addFeeds(step, map.handlers, sketch);
  return { process: map.process, label: map.label, ...simplify(sketch) };
}

function endOfProcess(sketch: Sketch): Leave {
  return ({ id, exit, label }) => {
    const end = exit === 'throw' ? 'failed' : exit === 'continueAsNew' ? 'again' : 'done';
    return sketch.node({ id, kind: 'end', end, label: label === '' ? end : label });
  };
}

function addHandler(handler: Handler, sketch: Sketch): void {
  const { id, type, label, body } = handler;
  const end = sketch.node({ id: `${id}#end`, kind: 'end', end: 'branch', label: '' });
  const ofProcess = endOfProcess(sketch);
  const leave: Leave = (exit) => (exit.exit === 'return' ? end : ofProcess(exit));
  sketch.node({ id, kind: 'message', type, label });
  sketch.edge(id, lower(body, { next: end, leave }, sketch));
}

function addFeeds({ id, fedBy = [] }: StepBlock, handlers: Handler[], sketch: Sketch): void {
  for (const handler of handlers) {
    const feeds = handler.name !== undefined && fedBy.includes(handler.name);
    if (feeds) sketch.edge(handler.id, id, '', 'feeds');
  }
}
