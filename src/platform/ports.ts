import { createServer } from 'node:net';
import { UserError } from './user-error';

const loopback = '127.0.0.1';

async function tryPort(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(port, loopback, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => {
        resolve(got);
      });
    });
  });
}

/** A TCP port of the loopback interface that is free now; one of the preferred ones when it is free. */
export async function freePort(...preferred: number[]): Promise<number> {
  for (const port of preferred) {
    if ((await tryPort(port)) !== undefined) return port;
  }
  const port = await tryPort(0);
  if (port === undefined) {
    throw new UserError('No TCP port of 127.0.0.1 is free.', 'Stop programs that hold many connections and try again.');
  }
  return port;
}

/** Refuses, as a {@link UserError}, a port that another program holds; `what` says what it was meant for. */
export async function requirePort(port: number, what: string): Promise<number> {
  if ((await tryPort(port)) === undefined) {
    throw new UserError(
      `Port ${port} (${what}) is occupied by another program or not allowed.`,
      'Choose other ports with --port-base <number>, leave it out to get free ones, or stop the program that holds it.',
    );
  }
  return port;
}
