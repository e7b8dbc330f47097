import { createRequire } from 'node:module';
import type { WorkerOptions } from '@temporalio/worker';

/** How a salary flow is run on Temporal. */
export interface OnTemporal {
  engine: 'temporal';
  address: string;
  taskQueue: string;
  /** Name of the workflow, and the file with the bundle that holds it. */
  workflow: string;
  bundle: string;
  plugin: boolean;
  /** URL of the central view that the worker reports to; the bundle is made for it. */
  viewUrl?: string;
  /** The message that carries the decision; each is sent together with the start. */
  decidedBy: 'update' | 'signal';
  /** Whether it is started with the search attributes of a case. */
  asCase: boolean;
  worker?: Pick<
    WorkerOptions,
    | 'maxCachedWorkflows'
    | 'maxConcurrentWorkflowTaskExecutions'
    | 'workflowTaskPollerBehavior'
    | 'activityTaskPollerBehavior'
    | 'workflowThreadPoolSize'
  >;
  /** How requests and answers of the native core are compressed; gzip, as it is by itself, unless told. */
  compression?: 'gzip' | 'none';
  /** The library under the client: the native core, which costs less, or gRPC in JavaScript. */
  clientConnection?: 'native' | 'grpc-js';
}

export interface OnDbos {
  engine: 'dbos';
  databaseUrl: string;
  /** Of the application's HTTP server. */
  port: number;
}

export interface OnRestate {
  engine: 'restate';
  /** Where the service listens. */
  port: number;
  /** URLs of the Restate server: for requests, and for its administration. */
  ingress: string;
  admin: string;
}

export type Target = OnTemporal | OnDbos | OnRestate;

/** What runs flows. */
export interface Serving {
  /** How many flows it keeps in memory, where it can say. */
  cached?(): number;
  stop(): Promise<void>;
}

/** What has flows run. */
export interface Driver {
  /** Starts a flow, decides it by a message, and resolves when it has returned that it is paid. */
  run(id: string): Promise<void>;
  /** Starts a flow that waits for the decision. */
  open?(id: string): Promise<void>;
  /** Brings a flow that waits into the memory of a worker. */
  visit?(id: string): Promise<void>;
  /** Has the garbage of flows collected. */
  collectGarbage?(): Promise<void>;
  close(): Promise<void>;
}

/** What the two processes of each engine load. */
export interface Engine<T extends Target = Target> {
  serve(target: T): Promise<Serving>;
  connect(target: T): Promise<Driver>;
}

/** Loads one engine only, so that a process holds nothing of the others. */
export function engineFor({ engine }: Target): Engine {
  return createRequire(__filename)(`./${engine}`) as Engine;
}
