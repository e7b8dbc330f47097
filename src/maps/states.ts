/**
 * How far a block has got in a case. `waiting`: what it awaits is not work of the case but a person, a message or time;
 * `failed`: also where an operator is waited for; `skipped`: passed over by an operator, or given up; `left`: not begun, and
 * it may still come.
 */
export type NodeState = 'done' | 'running' | 'waiting' | 'failed' | 'left' | 'skipped';
