/**
 * The map of a process: what its workflow source says can happen, as data. Blocks are nested as the code is, so that what
 * is left can be told from a position in it; `graphOf` gives nodes and edges for drawing.
 */

/** Raised when a reader of the version before would misunderstand a map; the JSON Schema is `docs/process-map.schema.json`. */
export const mapVersion = 1;

export interface ProcessMap {
  version: typeof mapVersion;
  /** Workflow type. */
  process: string;
  /** What the process does, for people. */
  label: string;
  source: SourcePlace;
  body: Block;
  /** What runs when a message comes, beside the body and as often as messages come. */
  handlers: Handler[];
  /** What the source does not tell. A map without flags is exact. */
  flags: Flag[];
}

/** Where something stands in the source; the file is relative to the project's folder, with `/`. */
export interface SourcePlace {
  file: string;
  line: number;
}

/**
 * A piece of a process. Ids are paths made of names, unique in a map: they stay the same when lines move, and when code
 * elsewhere changes.
 */
export type Block =
  Sequence | StepBlock | Parallel | ForEach | Choice | Loop | Attempt | Helper | Background | Exit | Unknown;

/** One after the other; empty where nothing happens. */
export interface Sequence {
  kind: 'sequence';
  id: string;
  blocks: Block[];
}

export type StepType =
  /** An activity, local or not. */
  | 'call'
  /** A call that tells people; it never holds up the case. */
  | 'alert'
  | 'child'
  /** Time that has to pass. */
  | 'timer'
  /** Waits until something is so, which a message brings about. Leaves no step on a record, unless it has a time-out. */
  | 'wait'
  /** A person decides or enters data. */
  | 'task'
  /** An event of another system is awaited. */
  | 'event'
  /** A signal is sent to another workflow. */
  | 'signal'
  /** An operation of Nexus. */
  | 'nexus'
  /** Undoes what a call did. */
  | 'compensation';

export interface StepBlock {
  kind: 'step';
  id: string;
  type: StepType;
  /** As steps on the record are called: the activity type, the task's name, the workflow type; absent when source does not tell. */
  name?: string;
  label: string;
  source: SourcePlace;
  /** The system called: of a `system()`, else the task queue, or what the file of the activity is named after. */
  system?: string;
  /** The team that owns the system. */
  team?: string;
  /** Who decides, where it is literal. */
  role?: string;
  /** A wait, task or event with a time-out, or how long a timer takes: as in the source. */
  dueIn?: string;
  /** A local activity, or one that is tried as one first. */
  isLocal?: true;
  /** Changes nothing in its system. */
  isRead?: true;
  /** Carries an idempotency key, so that it happens once however often it is called. */
  isKeyed?: true;
  /** There is no way back after it. */
  isPivot?: true;
  /** The workflow goes on once it has begun, without awaiting its end. */
  goesOnAtStart?: true;
  /** Messages whose handlers bring about what is awaited. */
  fedBy?: string[];
  /** Runs any number of times while this step is open, beside it, and holds up nothing. */
  tells?: Block;
}

/** Branches beside each other. */
export interface Parallel {
  kind: 'parallel';
  id: string;
  join: Join;
  branches: Block[];
}

/**
 * How branches come together: `all` ends as soon as one fails, `allSettled` never fails, `race` ends with the first that
 * ends, `any` with the first that is done. Branches that are not awaited any more go on.
 */
export type Join = 'all' | 'allSettled' | 'race' | 'any';

/** The same for each of a list, at once. */
export interface ForEach {
  kind: 'forEach';
  id: string;
  join: Join;
  /** What the list is called. */
  label: string;
  body: Block;
}

export interface Choice {
  kind: 'choice';
  id: string;
  /** What is asked. */
  label: string;
  branches: { label: string; block: Block }[];
}

export interface Loop {
  kind: 'loop';
  id: string;
  label: string;
  body: Block;
  /** Runs at least once. */
  once?: true;
  /** Ends only by an exit in its body. */
  forever?: true;
}

/** `try`: the handler runs when the body fails, the finalizer in any case. */
export interface Attempt {
  kind: 'attempt';
  id: string;
  body: Block;
  handler?: Block;
  finalizer?: Block;
}

/** A function of the project that is called here; `return` in it ends it alone. */
export interface Helper {
  kind: 'helper';
  id: string;
  name: string;
  label: string;
  body: Block;
}

/** Begun here and not awaited here. */
export interface Background {
  kind: 'background';
  id: string;
  body: Block;
  /** It is awaited later on, where a failure of it may come up. */
  isAwaited: boolean;
}

export interface Exit {
  kind: 'exit';
  id: string;
  exit: ExitKind;
  label: string;
  /** For `break` and `continue`: the id of the loop, or of the choice (`switch`) or labelled block, that is meant. */
  target?: string;
}

export type ExitKind = 'return' | 'throw' | 'break' | 'continue' | 'continueAsNew';

/** Anything may happen here, as a flag of the map says. */
export interface Unknown {
  kind: 'unknown';
  id: string;
  label: string;
  source: SourcePlace;
}

export interface Handler {
  id: string;
  /** Absent when the source does not tell. */
  name?: string;
  /** `alert`: what the kit calls when something goes wrong, and when that is over. */
  type: 'signal' | 'update' | 'query' | 'alert';
  label: string;
  source: SourcePlace;
  body: Block;
}

export type FlagCode =
  /** A call of which neither types nor symbols tell what it calls. */
  | 'unresolved-call'
  /** The name of an activity, child or message is computed. */
  | 'computed-name'
  /** Functions, calls or promises that are kept and used elsewhere. */
  | 'stored-work'
  /** Work in a function that is handed to code outside of the project. */
  | 'foreign-callback'
  | 'recursion'
  | 'generator'
  /** A type did not resolve, so that commands in it would not be seen. */
  | 'unresolved-type'
  /** A site where the second pass finds a command, and the map has none. */
  | 'not-mapped';

export interface Flag {
  code: FlagCode;
  message: string;
  source: SourcePlace;
}
