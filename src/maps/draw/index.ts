export { graphOf } from './graph';
export type { MapGraph } from './map-graph';
export { mermaidOf } from './mermaid';
export { svgOf } from './svg';
