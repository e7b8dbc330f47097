import type { TemporalAddress } from '../platform/addresses';
import { findApi } from '../platform/api-address';
import { UserError } from '../platform/user-error';
import { actsOverHttp } from './api/acts';
import { connectApi, type Api } from './api/client';
import { looksOverHttp } from './api/looks';
import type { Acts, Looks } from './cases';
import type { ActingOptions, AskingOptions, CommonOptions } from './program';
import { WrongUse } from './wrong-use';

/** What a command asks while it runs. */
export interface Session {
  looks: Looks;
  /** Where the cases run, when that is known here. */
  temporal?: TemporalAddress;
}

/**
 * Looks at cases by the API; by Temporal itself with `--direct`, and where the environment names a Temporal server and no
 * API is known.
 * @throws UserError when it is not known where either is, or it does not answer.
 */
export async function looking<Result>(
  options: AskingOptions,
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const api = options.direct ? undefined : await findApi(placeOf(options));
  if (!api) return direct().lookingDirectly(placeOf(options), use);
  const { temporal } = api;
  return use({ looks: looksOverHttp(connectApi(api)), ...(temporal && { temporal }) });
}

/**
 * As {@link looking}, for somebody who acts. Temporal is told their name as the client's identity, so the server's own
 * history says it, too; the API asks for proof.
 */
export async function acting<Result>(
  options: ActingOptions,
  use: (session: { looks: Looks; acts: Acts }) => Promise<Result>,
): Promise<Result> {
  const by = whoActs(options);
  const address = options.direct ? undefined : await findApi(placeOf(options));
  if (address) {
    const api = connectApi(address, by);
    return use({ looks: looksOverHttp(api), acts: actsOverHttp(api) });
  }
  if (by === undefined) throw notSaid();
  return direct().actingDirectly(placeOf(options), by, use);
}

/**
 * As {@link acting}, for what the API alone can do.
 * @throws WrongUse with `--direct`, UserError where no API is known
 */
export async function actingByApi<Result>(options: ActingOptions, use: (api: Api) => Promise<Result>): Promise<Result> {
  if (options.direct) {
    throw new WrongUse('Temporal itself does not do this: it takes the API.', 'Leave --direct out.');
  }
  const by = whoActs(options);
  const address = await findApi(placeOf(options));
  if (address) return use(connectApi(address, by));
  throw new UserError(
    'This takes the API, and it is not known where it runs.',
    'Start it with npm start, or set WHEREABOUTS_URL and WHEREABOUTS_TOKEN.',
  );
}

/** Who acts; undefined where a token says it. @throws WrongUse when nothing does */
function whoActs(options: ActingOptions): string | undefined {
  const by = personNamed(options);
  const tokenSays = Boolean(process.env['WHEREABOUTS_TOKEN']) && !options.direct;
  if (by === undefined && !tokenSays) throw notSaid();
  return by;
}

/** The client of Temporal is loaded only where it is used, for it takes a while. */
function direct(): typeof import('./direct/session') {
  return require('./direct/session') as typeof import('./direct/session');
}

/** Goes into a header of HTTP, so that it is held here to what a header takes. */
function personNamed({ by }: ActingOptions): string | undefined {
  const person = (by ?? process.env['WHEREABOUTS_USER'])?.trim();
  if (!person) return undefined;
  if (/^[\x20-\x7e]+$/.test(person)) return person;
  throw new WrongUse(`--by ${person} is no id of a person.`, 'Give an id such as E-1002.');
}

function notSaid(): WrongUse {
  return new WrongUse('It is not said who does this.', 'Add --by <person>, or set WHEREABOUTS_USER.');
}

/** The part of a command's options that says where Whereabouts runs. */
export function placeOf({ dataDir }: CommonOptions): { dataDir?: string } {
  return dataDir === undefined ? {} : { dataDir };
}
