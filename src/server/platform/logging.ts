import { join } from 'node:path';
import { pino } from 'pino';
import buildRoll from 'pino-roll';
import type { LogFeed } from './logs/feed.ts';

export type Log = {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
  /** Ends the log; what was said is on its way to the disk when this resolves. */
  close(): Promise<void>;
};

/**
 * The server's log: JSON lines in `logs/server.<n>.log`, rolled at 5 MB, five files kept. It never
 * holds the text of a conversation, a token or a password. A disk that refuses is not fatal: the
 * server goes on without a log. Each line goes to the feed too.
 */
export async function openLog(folder: string, level: string, feed: LogFeed): Promise<Log> {
  const stream = await buildRoll({
    file: join(folder, 'server'),
    extension: 'log',
    size: '5m',
    limit: { count: 4 },
    mkdir: true,
    sync: false,
  });
  stream.on('error', () => {});
  const logger = pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write(line: string) {
        stream.write(line);
        feed.push(line);
      },
    },
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    close: () =>
      new Promise((done) => {
        stream.once('close', done);
        stream.once('error', () => done());
        stream.end();
      }),
  };
}
