/** What a case tells by the map of its process: whether it fits, what is left of it, and which paths were taken. */
export { fits, type Fit } from './fits';
export { leftOf, type Left, type LeftStep } from './left';
export { statesOf } from './states-of';
export { takenPaths, type TakenPaths } from './taken-paths';
