import pino from 'pino';
import { openView, type View } from '../../src/view/database';
import { testDatabase } from '../support/postgres';

/** A view in a fresh database of its own, which `close` drops. */
export async function testView(): Promise<View> {
  const { url, drop } = await testDatabase();
  const view = await openView(url, pino({ level: 'silent' }));
  return {
    db: view.db,
    async close() {
      await view.close();
      await drop();
    },
  };
}
