import type { CaseDescription, FoundCase, ServerRecord, Silence } from '../kit/client';
import type {
  CaseRecord,
  CaseStatus,
  Incident,
  OpenTask,
  RecordedDecision,
  RecordedResolution,
  ResolutionAction,
  Step,
} from '../kit/contract';
import type { OpenedCase, ReopenedCase } from '../platform/door';
import type { OpenedRow } from '../platform/open-rows';
import type { Process } from '../processes/process';
import type { paths } from './api/schema';
import type { MapFormat } from './map-format';

/** How old is what the central view knows. */
export interface Age {
  /** ISO 8601 in UTC. */
  asOf: string;
  /** Whether the case itself said so, and not only its worker. */
  confirmed: boolean;
  /** There may be steps that are not known, or known as they were. */
  partial: boolean;
  /** When the case was last set back to an earlier point, from which its run goes on. */
  resetAt?: string;
}

type KnownCases = paths['/api/cases/{id}']['get']['responses']['200']['content']['application/json'];
type KnownIncidents = paths['/api/incidents']['get']['responses']['200']['content']['application/json'];
type KnownCase = KnownCases['cases'][number];

/** What the watch found that a case cannot say of itself. */
export type Found = KnownCase['watch'][number];
/** As found of all cases together. */
export type FoundOfAll = KnownIncidents['watch'][number];
/** When a case and its open steps will probably end, and what the time of earlier runs went into. */
export type Forecast = NonNullable<KnownCase['forecast']>;
/** What is left of a case by the map of its process. */
export type Left = NonNullable<KnownCase['left']>;
/** When half of as many earlier runs had come to an end, and nine in ten. */
export type Estimate = NonNullable<Forecast['end']>;

/** A case that does not say where it is; what the server knows of it. */
export type Silent<Known> = { answered: false; why: Silence } & Known;

/**
 * Where a case is: what it says of itself now, and the server's word on calls being tried again; or the latter alone, and
 * why; or what the central view knows.
 */
export type Whereabouts =
  | ({ answered: true; retrying: CaseDescription['retrying'] } & CaseRecord)
  | Silent<CaseDescription>
  | ({ answered?: never; watch: Found[]; forecast?: Forecast; left?: Left } & CaseRecord & Age);

/** A case in a list, of which the central view tells only the steps open now. */
export type ListedCase =
  | ({ answered: true } & CaseRecord)
  | Silent<ServerRecord>
  | ({ answered?: never; currentSteps: Step[]; stepsDone: number; stepsRecorded: number; left?: Left } & Omit<
      CaseRecord,
      'steps'
    > &
      Age);

/** Which cases are meant; all that is given has to fit. */
export interface CaseFilter extends FilterOfView {
  process?: string;
  status?: CaseStatus | 'open';
  /** `kind:value` */
  key?: string;
  startedBefore?: Date;
}

/** What the central view alone can look for, named as in the API. */
export const fieldsOfView = ['text', 'step', 'system', 'team', 'role', 'person', 'outcome'] as const;
export type FilterOfView = Partial<Record<(typeof fieldsOfView)[number], string>>;

export interface CasesWanted extends CaseFilter {
  limit: number;
}

/** What is about a case. */
export type OfCase<About> = About & { caseId: string; process: string };

/** Open cases that should say where they are, but do not; none where the central view tells. */
export type Unanswered = (FoundCase & { answered: false })[];

/** What commands ask about cases, whoever answers. */
export interface Looks {
  /**
   * Cases by id, or by a business key with its kind (`employee:E-1003`) or without (`E-1003`); newest first.
   * @throws UserError when there is none, naming what was probably meant.
   */
  find(idOrKey: string): Promise<Whereabouts[]>;
  /** The case of an id. @throws UserError when there is none, naming the one that was probably meant. */
  read(caseId: string): Promise<Whereabouts>;
  /** All steps of a case in order. @throws as {@link Looks.read} */
  history(caseId: string): Promise<Step[]>;
  /** A case as it is now, and again whenever it may have changed; it goes on until nobody asks any more. @throws as {@link Looks.read} */
  follow(caseId: string): AsyncIterable<Whereabouts>;
  /** The case drawn on the map of its process, as text. @throws UserError where there is no map */
  drawOnMap(found: Whereabouts, format: MapFormat): Promise<string>;
  list(wanted: CasesWanted): Promise<ListedCase[]>;
  /** All tasks open now, or those of a role. */
  tasks(role?: string): Promise<{ tasks: OfCase<OpenTask>[]; silent: Unanswered }>;
  /** Parked steps, and what the watch found, of which Temporal itself does not know. */
  incidents(): Promise<{ incidents: OfCase<Incident>[]; watch: FoundOfAll[]; silent: Unanswered }>;
}

/** What commands do to cases, as the person who acts. What a case does not take is thrown as Refused. */
export interface Acts {
  decide(
    caseId: string,
    decision: { task: string; decision: string; comment?: string; data?: unknown },
  ): Promise<RecordedDecision>;
  resolve(
    caseId: string,
    resolution: { step: string; action: ResolutionAction; reason: string; result?: unknown },
  ): Promise<Omit<RecordedResolution, 'reason'>>;
  /** Asks the case to cancel; answers with who did. */
  cancel(caseId: string, reason: string): Promise<{ by: string }>;
  start(process: Process, request: Record<string, unknown>): Promise<OpenedCase>;
  /** Starts the cases of a file, at most ten at once; a row that is refused or fails stops no other. */
  startAll(process: Process, file: string): Promise<OpenedRow[]>;
  restart(caseId: string): Promise<ReopenedCase>;
}
