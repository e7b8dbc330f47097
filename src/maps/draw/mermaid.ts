import type { NodeState } from '../states';
import {
  edgeColours,
  ink,
  lookColours,
  lookOf,
  stateColours,
  stateMarks,
  statesInOrder,
  type Colours,
  type NodeLook,
} from './looks';
import type { EdgeKind, MapEdge, MapGraph, MapNode } from './map-graph';
import { detailOf, wordsOf } from './words';

type States = ReadonlyMap<string, NodeState>;

/** A flowchart in the language of Mermaid 11; with the states of a case and their legend, when they are given. */
export function mermaidOf({ label, nodes, edges }: MapGraph, states?: States): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index + 1}`]));
  const nameOf = (id: string) => names.get(id) ?? id;
  const lines = [
    'flowchart TD',
    `accTitle: ${escaped(label)}`,
    ...nodes.map((node) => `${nameOf(node.id)}${shape(node, saidBy(node, states?.get(node.id)))}`),
    ...edges.map((edge) => `${nameOf(edge.from)} ${arrow(edge)} ${nameOf(edge.to)}`),
    ...linkStyles(edges),
    ...lookClasses(nodes, nameOf),
    ...(states ? [...legend, ...stateClasses(nodes, states, nameOf)] : []),
  ];
  return `${lines.join('\n  ')}\n`;
}

function saidBy(node: MapNode, state?: NodeState): string {
  const words = [state && stateMarks[state], marks[lookOf(node)], escaped(wordsOf(node))].filter(Boolean).join(' ');
  const detail = detailOf(node);
  return detail === '' ? words : `${words}<br/>${escaped(detail)}`;
}

const marks: Partial<Record<NodeLook, string>> = {
  again: '↻',
  message: '✉',
  alert: '✉',
  event: '✉',
  signal: '✉',
  timer: '⏱',
  wait: '⏳',
  task: '👤',
  compensation: '↩',
  unknown: '?',
};

function shape(node: MapNode, said: string): string {
  const text = `"${said === '' ? ' ' : said}"`;
  switch (lookOf(node)) {
    case 'start':
    case 'done':
    case 'failed':
    case 'again':
    case 'branch':
      return `([${text}])`;
    case 'message':
      return `>${text}]`;
    case 'choice':
    case 'parallel':
    case 'attempt':
      return `{${text}}`;
    case 'timer':
    case 'wait':
      return `{{${text}}}`;
    case 'child':
      return `[[${text}]]`;
    default:
      return `(${text})`;
  }
}

const arrows: Record<EdgeKind, string> = { flow: '-->', failed: '-.->', feeds: '-.->', beside: '-.->' };

function arrow({ kind, label }: MapEdge): string {
  return label === '' ? arrows[kind] : `${arrows[kind]}|"${escaped(label)}"|`;
}

/** What could be read as Mermaid, an icon of it, Markdown or HTML is written as its code. */
function escaped(words: string): string {
  return words
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/["#$%&()*;<>[\\\]_`{|}~]|(?<=^\d*)[-+.]|(?<=\bfa[a-z]?):/g, (sign) => `#${sign.charCodeAt(0)};`);
}

function linkStyles(edges: readonly MapEdge[]): string[] {
  return grouped(edges, ({ kind }) => kind).flatMap(([kind, members]) => {
    if (kind === 'flow') return [];
    return [`linkStyle ${members.map((edge) => edges.indexOf(edge)).join(',')} stroke:${edgeColours[kind]}`];
  });
}

function lookClasses(nodes: readonly MapNode[], nameOf: (id: string) => string): string[] {
  return grouped(nodes, lookOf).flatMap(([look, members]) => [
    `classDef ${look}Look ${style(lookColours[look], look === 'unknown' ? ',stroke-dasharray:5 4' : '')}`,
    `class ${members.map(({ id }) => nameOf(id)).join(',')} ${look}Look`,
  ]);
}

const legend = [
  'subgraph legend ["What has happened"]',
  ...statesInOrder.map((state) => `  ${state}Legend("${stateMarks[state]} ${state}")`),
  'end',
];

function stateClasses(nodes: readonly MapNode[], states: States, nameOf: (id: string) => string): string[] {
  return statesInOrder.flatMap((state) => {
    const members = nodes.filter(({ id }) => states.get(id) === state).map(({ id }) => nameOf(id));
    const isOpen = state === 'left' || state === 'skipped';
    return [
      `classDef ${state}State ${style(stateColours[state], `,stroke-width:3px${isOpen ? ',stroke-dasharray:5 4' : ''}`)}`,
      `class ${[...members, `${state}Legend`].join(',')} ${state}State`,
    ];
  });
}

function style({ fill, stroke }: Colours, more: string): string {
  return `fill:${fill},stroke:${stroke},color:${ink}${more}`;
}

function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): [K, T[]][] {
  const groups = new Map<K, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups];
}
