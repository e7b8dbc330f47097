import { Client } from 'pg';
import { testSystem, type TestedSystem } from '../support/system';
import { notes, workLock } from './notes';

let system: TestedSystem;

beforeAll(async () => {
  system = await testSystem(notes);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.setFaults();
  await system.sql('truncate notes, idempotent_requests restart identity');
});

const texts = async () =>
  (await system.sql<{ text: string }>('select text from notes order by id')).map(({ text }) => text);

/** Resolves once so many of the system's requests wait for a lock. */
async function waitingRequests(count: number): Promise<void> {
  for (;;) {
    const [row] = await system.sql<{ waiting: string }>(
      `select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (Number(row?.waiting) >= count) return;
  }
}

async function holding(statement: string, work: () => Promise<void>): Promise<void> {
  const holder = new Client({ connectionString: system.databaseUrl });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query(statement);
    await work();
  } finally {
    await holder.end();
  }
}

describe('a request with a key', () => {
  test('given it was answered, when it comes again, then it gets the same answer and has no second effect', async () => {
    const first = await system.send('POST', '/notes', { text: 'one' }, 'key-1');
    const again = await system.send('POST', '/notes', { text: 'one' }, 'key-1');

    expect(first).toEqual({ status: 201, body: { id: 1, text: 'one' } });
    expect(again).toEqual(first);
    expect(await texts()).toEqual(['one']);
  });

  test('given it was answered, when it comes with its fields in another order and the key in quotes, then it is the same request', async () => {
    const first = await system.send('POST', '/notes', { text: 'one', pages: [] }, 'key-1');

    expect(await system.send('POST', '/notes', { pages: [], text: 'one' }, '"key-1"')).toEqual(first);
    expect(await texts()).toEqual(['one']);
  });

  test('given the system was restarted, when it comes again, then it gets the same answer', async () => {
    const first = await system.send('POST', '/notes', { text: 'one' }, 'key-1');
    await system.restart();

    expect(await system.send('POST', '/notes', { text: 'one' }, 'key-1')).toEqual(first);
    expect(await texts()).toEqual(['one']);
  });

  test('given the key was used, when it comes with other content, then it is refused and nothing happens', async () => {
    await system.send('POST', '/notes', { text: 'one' }, 'key-1');

    const other = await system.send('POST', '/notes', { text: 'two' }, 'key-1');

    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({
      type: 'urn:problem-type:whereabouts:idempotency-key-reused',
      detail: 'Idempotency-Key "key-1" was used before with other content. Use a new key for a new request.',
    });
    expect(await texts()).toEqual(['one']);
  });

  test('given the key was used, when it comes for another operation or another resource, then it is refused', async () => {
    await system.send('POST', '/notes', { text: 'one' }, 'key-1');
    await system.send('POST', '/notes', { text: 'two' }, 'key-2');
    await system.send('PUT', '/notes/1', { text: 'uno' }, 'key-3');

    const operation = await system.send('PUT', '/notes/1', { text: 'one' }, 'key-1');
    const resource = await system.send('PUT', '/notes/2', { text: 'uno' }, 'key-3');

    expect(operation.body['detail']).toContain('was used before for addNote, and now came for changeNote');
    expect([operation.status, resource.status]).toEqual([422, 422]);
    expect(await texts()).toEqual(['uno', 'two']);
  });

  test.each([
    ['fails', 'fail', 500],
    ['is refused', 'refuse', 422],
  ])('given it %s, then nothing of it is kept: the key is free for another try', async (_, then, status) => {
    expect((await system.send('POST', '/notes', { text: 'one', then }, 'key-1')).status).toBe(status);

    expect(await system.sql('select key from idempotent_requests')).toEqual([]);
    expect((await system.send('POST', '/notes', { text: 'one' }, 'key-1')).status).toBe(201);
    expect(await texts()).toEqual(['one']);
  });

  test('given an answer that is not kept, then what it did is undone and the key is free', async () => {
    const request = { text: 'one', then: 'say later' };

    expect(await system.send('POST', '/notes', request, 'key-1')).toEqual({ status: 200, body: { later: 'one' } });
    expect(await system.sql('select key from idempotent_requests')).toEqual([]);
    expect(await texts()).toEqual([]);
    expect((await system.send('POST', '/notes', { text: 'one' }, 'key-1')).status).toBe(201);
  });
});

describe('two equal requests at once', () => {
  test('given the first is at work, when the second comes, then it waits and both get the answer of one effect', async () => {
    let answers: Promise<unknown[]> = Promise.resolve([]);
    await holding(`select pg_advisory_xact_lock(${workLock})`, async () => {
      const send = () => system.send('POST', '/notes', { text: 'one', then: 'wait' }, 'key-1');
      answers = Promise.all([send(), send()]);
      await waitingRequests(2);
    });

    expect(await answers).toEqual([
      { status: 201, body: { id: 1, text: 'one' } },
      { status: 201, body: { id: 1, text: 'one' } },
    ]);
    expect(await texts()).toEqual(['one']);
  });

  test('given the first fails while the second waits, then the second has the effect', async () => {
    let second: Promise<unknown> = Promise.resolve();
    await holding(
      `insert into idempotent_requests (key, operation, fingerprint) values ('key-1', 'addNote', 'whatever')`,
      async () => {
        second = system.send('POST', '/notes', { text: 'one' }, 'key-1');
        await waitingRequests(1);
      },
    );

    expect(await second).toMatchObject({ status: 201 });
    expect(await texts()).toEqual(['one']);
  });

  test('given the first takes too long, then the second is answered in-flight, to be sent again', async () => {
    await holding(
      `insert into idempotent_requests (key, operation, fingerprint) values ('key-1', 'addNote', 'whatever')`,
      async () => {
        const second = await system.send('POST', '/notes', { text: 'one' }, 'key-1');
        expect(second).toMatchObject({ status: 409, body: { type: 'urn:problem-type:whereabouts:in-flight' } });
      },
    );

    expect(await texts()).toEqual([]);
    expect(await system.send('POST', '/notes', { text: 'one' }, 'key-1')).toMatchObject({ status: 201 });
  });

  test('given many with many keys at once, then each key has one effect', async () => {
    const requests = Array.from({ length: 60 }, (_, index) => index % 12);

    const answers = await Promise.all(
      requests.map((n) => system.send('POST', '/notes', { text: `note ${n}` }, `key-${n}`)),
    );

    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(12);
    expect((await texts()).toSorted()).toEqual(Array.from({ length: 12 }, (_, n) => `note ${n}`).toSorted());
  });
});

describe('an answer that is lost after its effect', () => {
  test.each([
    ['an error', { status: 502 }],
    ['a broken connection', { disconnect: true as const }],
  ])(
    'given %s came instead, when the request comes again, then it gets the answer of the one effect',
    async (_, fault) => {
      await system.setFaults({ operation: 'addNote', when: 'after', ...fault, times: 1 });

      const lost = await system.send('POST', '/notes', { text: 'one' }, 'key-1').catch(() => ({ status: 'none' }));
      expect(lost).not.toMatchObject({ status: 201 });
      expect(await texts()).toEqual(['one']);

      const again = await system.send('POST', '/notes', { text: 'one' }, 'key-1');
      expect(again).toEqual({ status: 201, body: { id: 1, text: 'one' } });
      expect(await texts()).toEqual(['one']);
    },
  );
});

describe('the key itself', () => {
  test('given a POST without a key, then it is refused and says what to do', async () => {
    const answer = await system.send('POST', '/notes', { text: 'one' });

    expect(answer).toMatchObject({
      status: 400,
      body: { type: 'urn:problem-type:whereabouts:idempotency-key-missing' },
    });
    expect(answer.body['detail']).toContain('addNote needs the header Idempotency-Key');
    expect(await texts()).toEqual([]);
  });

  test.each([['""'], ['two words'], ['x'.repeat(256)], ['"a"b"']])(
    'given the key %p, then it is refused',
    async (key) => {
      const answer = await system.send('POST', '/notes', { text: 'one' }, key);

      expect(answer).toMatchObject({
        status: 400,
        body: { type: 'urn:problem-type:whereabouts:idempotency-key-invalid' },
      });
    },
  );

  test('given a PUT without a key, then it is done, as often as it comes', async () => {
    await system.send('POST', '/notes', { text: 'one' }, 'key-1');

    expect((await system.send('PUT', '/notes/1', { text: 'uno' })).status).toBe(200);
    expect((await system.send('PUT', '/notes/1', { text: 'uno' })).status).toBe(200);
    expect(await texts()).toEqual(['uno']);
  });
});
