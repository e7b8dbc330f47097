import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { freePort, requirePort } from '../../src/platform/ports';

let holder: Server;
let held: number;

beforeEach(async () => {
  holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  held = (holder.address() as AddressInfo).port;
});

afterEach(() => {
  holder.close();
});

test('a preferred port is taken when it is free, another one when it is not', async () => {
  const free = await freePort();

  expect(await freePort(free)).toBe(free);
  expect(await freePort(held)).not.toBe(held);
  expect(await freePort(held, free)).toBe(free);
});

test('a port that has to be free and is not is an error that says for what, and what to do', async () => {
  await expect(requirePort(held, 'temporal-ui')).rejects.toMatchObject({
    name: 'UserError',
    message: `Port ${held} (temporal-ui) is occupied by another program or not allowed.`,
    advice: expect.stringContaining('--port-base') as string,
  });
});
