import { Client, Connection } from '@temporalio/client';
import { findAddresses, type Addresses } from '../platform/addresses';
import { UserError } from '../platform/user-error';
import type { ActingOptions, CommonOptions } from './program';
import { WrongUse } from './wrong-use';

/** What a command works with while it runs. */
export interface Session {
  client: Client;
  addresses: Addresses;
}

/**
 * Connects to the Temporal server for the time of `use`. Whoever acts is the client's identity, so the server's own
 * history says it, too.
 * @throws UserError when it is not known where the server is, or it does not answer.
 */
export async function withSession<Result>(
  { dataDir, by }: { dataDir?: string; by?: string },
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const addresses = await findAddresses(dataDir === undefined ? {} : { dataDir });
  const { connection: options, namespace } = addresses.temporal;
  const connection = await Connection.connect({ ...options, connectTimeout: '5 seconds' }).catch((error: unknown) => {
    throw new UserError(
      `No Temporal server answers at ${options.address}: ${error instanceof Error ? error.message : String(error)}.`,
      'Start it, or set TEMPORAL_ADDRESS to one that runs.',
    );
  });
  try {
    return await use({
      client: new Client({
        connection,
        namespace,
        dataConverter: { payloadConverterPath: require.resolve('./payload-converter') },
        ...(by !== undefined && { identity: by }),
      }),
      addresses,
    });
  } finally {
    await connection.close();
  }
}

/** The person who acts. */
export function personWhoActs({ by }: ActingOptions, env = process.env): string {
  const person = (by ?? env['WHEREABOUTS_USER'])?.trim();
  if (person) return person;
  throw new WrongUse('It is not said who does this.', 'Add --by <person>, or set WHEREABOUTS_USER.');
}

/** The part of a command's options that says where Whereabouts runs. */
export function placeOf({ dataDir }: CommonOptions): { dataDir?: string } {
  return dataDir === undefined ? {} : { dataDir };
}
