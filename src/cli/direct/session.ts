import { Client, Connection } from '@temporalio/client';
import { findAddresses, type Addresses } from '../../platform/addresses';
import { withoutCodec } from '../../kit/client';
import { UserError } from '../../platform/user-error';
import type { Acts, Looks } from '../cases';
import { actsDirect } from './acts';
import { looksDirect } from './looks';

type Place = Parameters<typeof findAddresses>[0];

/**
 * Looks at cases while connected to the Temporal server.
 * @throws UserError when it is not known where the server is, or it does not answer
 */
export function lookingDirectly<Result>(
  place: Place,
  use: (session: { looks: Looks; temporal: Addresses['temporal'] }) => Promise<Result>,
): Promise<Result> {
  return withTemporal(place, undefined, (client, { temporal }) => use({ looks: looksDirect(client), temporal }));
}

/** As {@link lookingDirectly}, for somebody who acts; their name is the client's identity. */
export function actingDirectly<Result>(
  place: Place,
  by: string,
  use: (session: { looks: Looks; acts: Acts }) => Promise<Result>,
): Promise<Result> {
  return withTemporal(place, by, (client, addresses) =>
    use({ looks: looksDirect(client), acts: actsDirect(client, addresses, by) }),
  );
}

async function withTemporal<Result>(
  place: Place,
  identity: string | undefined,
  use: (client: Client, addresses: Addresses) => Promise<Result>,
): Promise<Result> {
  const addresses = await findAddresses(place);
  const { connection: at, namespace } = addresses.temporal;
  const connection = await Connection.connect({ ...at, connectTimeout: '5 seconds' }).catch((error: unknown) => {
    throw new UserError(
      `No Temporal server answers at ${at.address}: ${error instanceof Error ? error.message : String(error)}.`,
      'Start it, or set TEMPORAL_ADDRESS to one that runs.',
    );
  });
  try {
    const client = new Client({
      connection,
      namespace,
      dataConverter: withoutCodec,
      ...(identity !== undefined && { identity }),
    });
    return await use(client, addresses);
  } finally {
    await connection.close();
  }
}
