import { didYouMean } from '../service/did-you-mean';
import type { ProcessMap } from '../maps/process-map';
import type { NodeState } from '../maps/states';
import { loadMaps } from '../platform/process-maps';
import { UserError } from '../platform/user-error';
import type { MapFormat } from './map-format';

/** A map as text, with the state of a case on it. */
export async function drawn(
  found: ProcessMap,
  format: MapFormat,
  states?: ReadonlyMap<string, NodeState>,
): Promise<string> {
  if (format === 'json') {
    const told = states ? { ...found, states: Object.fromEntries(states) } : found;
    return `${JSON.stringify(told, undefined, 2)}\n`;
  }
  const { graphOf, mermaidOf, svgOf } = require('../maps/draw') as typeof import('../maps/draw');
  const graph = graphOf(found);
  return format === 'svg' ? svgOf(graph, states) : mermaidOf(graph, states);
}

/** The map of one of our processes, as it was built. @throws UserError */
export async function mapOfProcess(name: string): Promise<ProcessMap> {
  const maps = await loadMaps();
  const found = maps.find((one) => one.process === name);
  if (found) return found;
  const names = maps.map((one) => one.process);
  const hint = didYouMean(name, names) || `; there is ${names.join(', ')}.`;
  throw new UserError(
    `There is no process ${name}${hint}`,
    'Name a process that there is, or a file: src/workflows.ts, src/workflows.ts:order.',
  );
}
