import { keepRunning } from '../../src/platform/keep-running';

function fakeServer() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    ended,
    end,
    stopped: false,
    stop() {
      this.stopped = true;
      end();
      return Promise.resolve();
    },
  };
}

type FakeServer = ReturnType<typeof fakeServer>;

function given() {
  const started: FakeServer[] = [fakeServer()];
  const told: string[] = [];
  const start = () => {
    started.push(fakeServer());
    return Promise.resolve(started.at(-1) as FakeServer);
  };
  const kept = keepRunning(started[0] as FakeServer, { name: 'Postgres', start, onEnd: () => told.push('ended') });
  return { started, told, kept };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a server that ends by itself is started again, and told about', async () => {
  const { started, told } = given();

  started[0]?.end();
  await turn();

  expect(started).toHaveLength(2);
  expect(told).toEqual(['ended']);
});

test('a server that was stopped is not started again', async () => {
  const { started, told, kept } = given();

  await kept.stop();
  await turn();

  expect(started).toHaveLength(1);
  expect(told).toEqual([]);
});

test('stopping stops the server that runs now', async () => {
  const { started, kept } = given();
  started[0]?.end();
  await turn();

  await kept.stop();

  expect(started.map(({ stopped }) => stopped)).toEqual([false, true]);
});

test('a server that ends again and again is given up', async () => {
  const { started, kept } = given();

  for (let times = 0; times < 6; times++) {
    started.at(-1)?.end();
    await turn();
  }

  await expect(kept.failed).rejects.toThrow('Postgres ends again and again');
  expect(started).toHaveLength(6);
});
