import type { ClientConnectConfig } from '@temporalio/envconfig';
import { defaultDataDir, readRunning, type Running } from './running';
import { UserError } from './user-error';

type Environment = Record<string, string | undefined>;

/** Where Temporal and the systems are. */
export interface Addresses {
  temporal: TemporalAddress;
  /**
   * URL of a system: the environment's (`ACCOUNTING_URL` for accounting, `TRAVEL_DESK_URL` for travelDesk), else where it
   * runs here.
   * @throws UserError when neither is known.
   */
  systemUrl(name: string): string;
}

export interface TemporalAddress {
  /** With TLS and API key as the environment gives them; fits `Connection` and `NativeConnection`. */
  connection: ClientConnectConfig['connectionOptions'] & { address: string };
  namespace: string;
  /** URL of its web UI, when it is known. */
  ui?: string;
}

const temporalVariables = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

/**
 * The Temporal server that the environment names, by the SDK's own environment configuration: `TEMPORAL_ADDRESS`,
 * `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS...`, or a profile of its configuration file. Undefined when
 * neither an address nor a profile nor a file is named.
 * @throws UserError for a configuration that cannot be used.
 */
export async function givenTemporal(env: Environment = process.env): Promise<TemporalAddress | undefined> {
  const named = temporalVariables.filter((name) => env[name]);
  if (named.length === 0) return undefined;
  const given = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const settings = named.map((name) => `${name}=${given[name]}`).join(', ');
  const { connectionOptions, namespace = 'default' } = await loaded(given, settings);
  const { address } = connectionOptions;
  if (!address) {
    throw new UserError(
      `The Temporal configuration (${settings}) names no address.`,
      'Set TEMPORAL_ADDRESS=host:port.',
    );
  }
  return { connection: { ...connectionOptions, address }, namespace };
}

async function loaded(overrideEnvVars: Record<string, string>, settings: string): Promise<ClientConnectConfig> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `The Temporal configuration (${settings}) cannot be used: ${reason}.`,
      'Mend these variables or the file they name.',
    );
  }
}

/**
 * Finds Temporal and the systems: what the environment gives wins over what runs on the data folder.
 * @throws UserError when neither says where Temporal is.
 */
export async function findAddresses({
  env = process.env,
  dataDir = defaultDataDir,
}: { env?: Environment; dataDir?: string } = {}): Promise<Addresses> {
  const running = await readRunning(dataDir);
  const temporal = (await givenTemporal(env)) ?? (running && temporalOf(running));
  if (!temporal) {
    throw new UserError(
      'Whereabouts is not running here.',
      'Start it with npm start in its clone, or set TEMPORAL_ADDRESS to your Temporal server, e.g. localhost:7233.',
    );
  }
  const systemUrl = (name: string) => {
    const url = env[urlVariable(name)] ?? running?.systems[name]?.url;
    if (url) return url;
    throw unknownAddress(name, running ? '' : ', or run npm start here');
  };
  return { temporal, systemUrl };
}

/**
 * URL of a system that others run, by the environment alone.
 * @throws UserError when it is not told.
 */
export function givenUrl(name: string, env: Environment): string {
  const url = env[urlVariable(name)];
  if (url) return url;
  throw unknownAddress(name, ' and start this again');
}

/** Environment variable that tells callers the URL of a system, e.g. `ACCOUNTING_URL`. */
export function urlVariable(system: string): string {
  return `${system.replace(/[A-Z]/g, '_$&').toUpperCase()}_URL`;
}

function unknownAddress(name: string, orElse: string): UserError {
  const variable = urlVariable(name);
  return new UserError(
    `The address of the system ${name} is not known.`,
    `Set ${variable}, e.g. ${variable}=http://127.0.0.1:4101${orElse}.`,
  );
}

/** The Temporal server of what runs on a data folder. */
export function temporalOf({ temporalAddress: address, namespace, temporalUi: ui }: Running): TemporalAddress {
  return { connection: { address }, namespace, ...(ui && { ui }) };
}
