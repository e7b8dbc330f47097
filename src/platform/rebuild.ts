import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { withoutCodec } from '../kit/client';
import { rebuildView, RebuildAtWork } from '../view/rebuild';
import { findAddresses } from './addresses';
import { defaultDataDir, readRunning } from './running';
import { UserError } from './user-error';

/**
 * Builds the central view anew from Temporal, beside the one there is: that of `VIEW_DATABASE_URL`, else of what runs on
 * the data folder. Answers with how many cases it has.
 * @throws UserError when it is not known where it is, or it is being rebuilt already
 */
export async function rebuild({ dataDir = defaultDataDir }: { dataDir?: string }): Promise<{ cases: number }> {
  const { temporal } = await findAddresses({ dataDir });
  const url = process.env['VIEW_DATABASE_URL'] ?? (await readRunning(dataDir))?.postgres['view'];
  if (!url) {
    throw new UserError(
      'It is not known where the central view is.',
      'Set VIEW_DATABASE_URL=postgres://user:password@host:5432/view.',
    );
  }
  const connection = await Connection.connect(temporal.connection);
  try {
    const { namespace } = temporal;
    const identity = 'whereabouts view rebuild';
    const client = new Client({ connection, namespace, identity, dataConverter: withoutCodec });
    return await rebuildView(url, client, pino({ level: 'warn' }, pino.destination(2)));
  } catch (error) {
    if (!(error instanceof RebuildAtWork)) throw error;
    throw new UserError('The view is being rebuilt already.', 'Wait until that is done.');
  } finally {
    await connection.close();
  }
}
