import { sql, type Generated } from 'kysely';
import { z } from 'zod';
import { answerOnce, idempotencyHeaders, type NotKept } from '../../src/service/idempotency';
import { Problem } from '../../src/service/problem';
import { defineSystem } from '../../src/service/system';

interface NotesTables {
  notes: { id: Generated<number>; text: string };
}

interface Note {
  id: number;
  text: string;
}

/** Tests hold this advisory lock to keep requests at work. */
export const workLock = 4711;

const noteSchema = z.object({ id: z.number(), text: z.string() });
const answerSchema = z.union([noteSchema, z.object({ later: z.string() })]);

/** A system as small as can be: it keeps notes. */
export const notes = defineSystem<NotesTables>({
  name: 'notes',
  title: 'Notes',
  team: 'tests',
  layer: 'state machine',
  migrations: {
    '001-notes': {
      up: (db) =>
        db.schema
          .createTable('notes')
          .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
          .addColumn('text', 'text', (column) => column.notNull())
          .execute(),
    },
  },
  routes(app, { db }) {
    app.post(
      '/notes',
      {
        schema: {
          operationId: 'addNote',
          headers: idempotencyHeaders,
          body: z.strictObject({
            text: z.string().min(2, 'must have two letters'),
            pages: z.array(z.strictObject({ number: z.int('must be whole') })).optional(),
            then: z.enum(['wait', 'fail', 'refuse', 'say later']).optional(),
          }),
          response: { 200: answerSchema, 201: answerSchema },
        },
      },
      (request, reply) =>
        answerOnce(db, request, reply, async (trx): Promise<Note | { later: string } | NotKept<{ later: string }>> => {
          const { text, then } = request.body;
          if (then === 'wait') await sql`select pg_advisory_xact_lock(${sql.lit(workLock)})`.execute(trx);
          const note = await trx.insertInto('notes').values({ text }).returningAll().executeTakeFirstOrThrow();
          if (then === 'fail') throw new Error(`a secret of the database about ${text}`);
          if (then === 'refuse') throw new Problem(422, 'note-refused', `The note "${text}" is refused.`);
          if (then === 'say later') return { notKept: { later: text } };
          reply.code(201);
          return note;
        }),
    );
    app.put(
      '/notes/:id',
      {
        schema: {
          operationId: 'changeNote',
          headers: idempotencyHeaders,
          params: z.object({ id: z.coerce.number() }),
          body: z.strictObject({ text: z.string() }),
          response: { 200: noteSchema },
        },
      },
      (request, reply) =>
        answerOnce(db, request, reply, (trx) =>
          trx
            .updateTable('notes')
            .set(request.body)
            .where('id', '=', request.params.id)
            .returningAll()
            .executeTakeFirstOrThrow(),
        ),
    );
    app.get(
      '/notes',
      { schema: { operationId: 'listNotes', response: { 200: z.object({ notes: z.array(noteSchema) }) } } },
      async () => ({ notes: await db.selectFrom('notes').selectAll().orderBy('id').execute() }),
    );
  },
});
