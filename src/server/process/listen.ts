import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { TurnkeepError } from '../../contracts/errors.ts';

const LOOPBACK = '127.0.0.1';
const PORTS_TO_TRY = 100;

type Fetch = (request: Request) => Response | Promise<Response>;

function tryPort(server: Server, port: number): Promise<boolean> {
  return new Promise((done, failed) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') done(false);
      else failed(error);
    };
    const onListening = () => {
      server.off('error', onError);
      done(true);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host: LOOPBACK, port, exclusive: true });
  });
}

/**
 * Listens on loopback: on the port wanted or the next free one (0 is any).
 * @throws TurnkeepError when a hundred ports in a row are taken.
 */
export async function listen(fetch: Fetch, port: number): Promise<{ server: Server; url: string }> {
  const server = createServer(
    // What comes too slowly is looked for this often.
    { requestTimeout: 120_000, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
    getRequestListener(fetch),
  );
  for (let candidate = port; candidate <= Math.min(port + PORTS_TO_TRY, 65_535); candidate += 1) {
    if (!(await tryPort(server, candidate))) continue;
    const { port: bound } = server.address() as AddressInfo;
    return { server, url: `http://${LOOPBACK}:${bound}` };
  }
  throw new TurnkeepError(
    'conflict',
    `The ports ${port} to ${port + PORTS_TO_TRY} of this machine are taken. Set TURNKEEP_PORT to a free one.`,
  );
}
