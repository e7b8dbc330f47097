import { msToNumber } from '@temporalio/common/lib/time';
import type { Duration } from '@temporalio/common';
import { z } from 'zod';
import { didYouMean } from '../service/did-you-mean';
import { Problem } from '../service/problem';
import { InvalidCursor } from '../view/cursor';
import type { CaseSearch } from '../view/fitting';
import { caseStatuses } from './schemas';

const word = z.string().min(1, 'must not be empty').max(1_000, 'must have at most 1,000 characters');

const pageFields = {
  cursor: z.string().max(4_000, 'was not given by a page of this list').optional(),
  limit: z.coerce
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(200, 'must be at most 200')
    .default(50),
};

/** From here on ISO 8601 needs more than four digits for the year. */
const lastTime = Date.UTC(10_000, 0);

/** What `GET /api/cases` takes. */
export const searchQuery = z.strictObject({
  caseId: word.optional(),
  process: word.optional(),
  status: z
    .enum([...caseStatuses, 'open'])
    .optional()
    .describe('`open`: not ended, whatever it is at'),
  key: word.optional().describe('A business key, `employee:E-1001`, or its value alone, `E-1001`'),
  text: word.optional().describe('How the id begins, or part of the value of a key or of the title of an open step'),
  step: word.optional().describe('Name of a step open now'),
  system: word.optional().describe('System that a step open now calls'),
  team: word.optional().describe('Team that owns the system that a step open now calls'),
  role: word.optional().describe('Role that a task open now waits for'),
  person: word.optional().describe('Person who is asked by a task open now'),
  outcome: word.optional(),
  startedBefore: z.iso
    .datetime({ offset: true, error: 'must be a time such as "2026-11-21T12:00:00Z"', abort: true })
    .refine((text) => Date.parse(text) > 0 && Date.parse(text) < lastTime, 'must be a time from 1970 to 9999')
    .transform((text) => new Date(text).toISOString())
    .optional(),
  olderThan: z
    .string()
    .refine(isDuration, 'must be a duration such as "30 minutes", "2 hours" or "3 days"')
    .optional()
    .describe('Only cases started longer ago than this, e.g. `2 hours`'),
  order: z
    .enum(['newest', 'waiting'])
    .default('newest')
    .describe('`waiting`: those first that people have had to wait for longest'),
  ...pageFields,
});

type SearchQuery = z.infer<typeof searchQuery>;

/** What `GET /api/tasks` takes. */
export const taskQuery = z.strictObject({
  process: word.optional(),
  role: word.optional(),
  person: word.optional().describe('Person who is asked by name'),
  ...pageFields,
});

/** What `GET /api/incidents` takes. */
export const incidentQuery = z.strictObject({
  process: word.optional(),
  system: word.optional().describe('System that the parked step calls'),
  ...pageFields,
});

/** What is given of it: a search has no field that is undefined. */
export function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<
    typeof given<Fields>
  >;
}

/** The systems of each team. */
export type Teams = Record<string, string[]>;

/**
 * What is searched for now.
 * @throws Problem 400 for a team that owns no system, which is in the field `team` unless told
 */
export function asSearch(
  { olderThan, startedBefore, team, ...fields }: Omit<SearchQuery, 'order' | 'limit' | 'cursor'>,
  teams: Teams,
  teamField = 'team',
): CaseSearch {
  const before = [startedBefore, olderThan && ago(olderThan)].filter((time) => time !== undefined).sort()[0];
  const systems = team === undefined ? undefined : systemsOf(team, teams, teamField);
  return given({ ...fields, startedBefore: before, systems });
}

function systemsOf(team: string, teams: Teams, field: string): string[] {
  if (Object.hasOwn(teams, team)) return teams[team] ?? [];
  const names = Object.keys(teams);
  const message = `owns no system${didYouMean(team, names) || `; those that do: ${names.join(', ')}`}`;
  const errors = [{ field, value: team, message }];
  throw new Problem(400, 'invalid-request', `${field}: ${message} (was ${JSON.stringify(team)}).`, { errors });
}

/** The time so long ago, ISO 8601 in UTC. */
function ago(duration: string): string {
  return new Date(Date.now() - msToNumber(duration as Duration)).toISOString();
}

/** A hundred years, beyond which there is no case. */
const longest = 100 * 366 * 86_400_000;

function isDuration(text: string): boolean {
  try {
    const milliseconds = msToNumber(text as Duration);
    return milliseconds >= 0 && milliseconds <= longest;
  } catch {
    return false;
  }
}

/** What somebody says in words, e.g. why. */
export const words = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(2_000, 'must have at most 2,000 characters')
  .refine(isWellFormed, 'must be whole characters, without half of a surrogate pair');

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Id of a case in a path; the server takes none that is longer. */
export const caseId = z.string().max(1_000, 'must have at most 1,000 characters');

/** For a list's `catch`: a cursor that no page gave is a mistake of the request. */
export function wrongCursor(error: unknown): never {
  if (!(error instanceof InvalidCursor)) throw error;
  const { cursor, message } = error;
  throw new Problem(400, 'invalid-request', message, { errors: [{ field: 'cursor', value: cursor, message }] });
}
