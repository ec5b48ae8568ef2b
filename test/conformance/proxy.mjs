import { once } from 'node:events';
import { createServer, request } from 'node:http';

/**
 * A loopback server in front of another one that puts a bearer header into every request: the
 * conformance suite cannot send one. Its own address stands for that of the server behind, in `Host`
 * and in `Origin`; foreign ones go through as they are, and the answers as they come.
 * @param {string} target origin of the server behind
 * @param {string} token
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function tokenProxy(target, token) {
  const behind = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const own = `127.0.0.1:${server.address().port}`;
    const translated = { ...headers, authorization: `Bearer ${token}` };
    if (headers.host === own) translated.host = behind.host;
    if (headers.origin === `http://${own}`) translated.origin = behind.origin;
    const onward = request(
      new URL(url ?? '/', behind),
      { method, headers: translated },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
      },
    );
    onward.on('error', (error) => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end(error.message);
    });
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
