import { join } from 'node:path';
import { readLocalToken } from '../api/identity/local-token-file';
import { givenTemporal, temporalOf, type TemporalAddress } from './addresses';
import { defaultDataDir, readRunning } from './running';
import { UserError } from './user-error';

/** Where the HTTP API is, and how whoever asks it is signed in. */
export interface ApiAddress {
  url: string;
  token: string;
  /** The Temporal server of what runs here. */
  temporal?: TemporalAddress;
}

/**
 * Finds the API that `WHEREABOUTS_URL` names, else the one that runs on the data folder; undefined when there is neither,
 * and when the environment names another Temporal server than the one that is used here. The token is
 * `WHEREABOUTS_TOKEN`, else that of the data folder, which is shown to what runs on it and to nobody else.
 * @throws UserError for a URL that is none, or without a token.
 */
export async function findApi({
  env = process.env,
  dataDir = defaultDataDir,
}: { env?: NodeJS.ProcessEnv; dataDir?: string } = {}): Promise<ApiAddress | undefined> {
  const { WHEREABOUTS_URL: given, WHEREABOUTS_TOKEN: own } = env;
  const running = await readRunning(dataDir);
  const named = given ? originOf(given) : undefined;
  const here = running && (named === undefined || named === running.api.url) ? temporalOf(running) : undefined;
  const url = named ?? (here && !(await namesAnother(here, env)) ? running?.api.url : undefined);
  if (url === undefined) return undefined;
  const token = own ?? (here && (await localToken(join(dataDir, 'token.json'))));
  if (!token)
    throw new UserError(
      `WHEREABOUTS_TOKEN is not set, so nobody is signed in at ${url}.`,
      'Set WHEREABOUTS_TOKEN to a token of yours.',
    );
  return { url, token, ...(here && { temporal: here }) };
}

function originOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return `${url.origin}${url.pathname}`.replace(/\/$/, '');
  throw new UserError(
    `WHEREABOUTS_URL=${given} is no address of the API.`,
    'Give one such as https://whereabouts.example.com.',
  );
}

async function namesAnother({ connection, namespace }: TemporalAddress, env: NodeJS.ProcessEnv): Promise<boolean> {
  const given = await givenTemporal(env);
  return given !== undefined && (given.connection.address !== connection.address || given.namespace !== namespace);
}

async function localToken(file: string): Promise<string | undefined> {
  try {
    return (await readLocalToken(file))?.token;
  } catch (error) {
    throw new UserError(
      `The command line cannot sign in: ${error instanceof Error ? error.message : String(error)}.`,
      'Or set WHEREABOUTS_TOKEN to a token of yours.',
    );
  }
}
