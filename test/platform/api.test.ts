import { createServer } from 'node:net';
import { Connection } from '@temporalio/client';
import pino from 'pino';
import { startApi } from '../../src/platform/api';
import { openView } from '../../src/view/database';
import { applyReports } from '../../src/view/keep';
import { reportOf } from '../kit/fixtures/reports';
import { until } from '../kit/fixtures/until';
import { testDatabase } from '../support/postgres';

test('given Temporal refuses connections, when the API is stopped, then it has ended before the SDK gives up a call', async () => {
  const refusing = createServer((socket) => void socket.destroy());
  await new Promise<void>((done) => refusing.listen(0, '127.0.0.1', done));
  const { port } = refusing.address() as { port: number };
  const address = `127.0.0.1:${port}`;
  const [own, ofView] = await Promise.all([testDatabase(), testDatabase()]);
  const log = pino({ level: 'silent' });
  const { db, close } = await openView(ofView.url, log);
  const connection = Connection.lazy({ address });
  try {
    await applyReports(db, [reportOf('asked', 3, { status: 'completed', endedAt: '2026-11-22T09:00:00.000Z' })]);
    const { stop } = await startApi({
      databaseUrl: own.url,
      viewUrl: ofView.url,
      temporal: { connection: { address }, namespace: 'default' },
      systemUrl: () => 'http://127.0.0.1:1',
      log,
    });
    const isBeingAsked = async () => {
      const { confirm_at: at } = await db.selectFrom('cases').select('confirm_at').executeTakeFirstOrThrow();
      return Date.parse(at ?? '') > Date.now();
    };
    await until(isBeingAsked, (is) => is);
    const { workflowService } = connection;
    const inTheSdk = connection.withDeadline(Date.now() + 8_000, () => workflowService.getSystemInfo({}));
    const given = inTheSdk.catch(() => 'the SDK gave up');

    expect(await Promise.race([given, stop().then(() => 'the API ended')])).toBe('the API ended');
    await given;
  } finally {
    await connection.close();
    await close();
    await Promise.all([own.drop(), ofView.drop()]);
    refusing.close();
  }
});
