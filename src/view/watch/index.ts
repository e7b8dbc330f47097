export { foundOf, foundOfAll } from './found';
export { runWatch } from './run';
export type { Notify } from './tell';
export type { WatchSettings } from './settings';
