import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RestClient } from '../../client/restClient.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import { type LogRecord, logLevelSchema } from '../../contracts/observationEndpoints.ts';
import { addedLines, type LogPlace } from './files.ts';

const POLL_MS = 300;

/** Live records; null when no server runs. Throws what a running server refuses. */
export async function liveRecords(
  client: RestClient,
): Promise<AsyncIterable<{ data: LogRecord }> | null> {
  try {
    return await client.events('streamLogs', {});
  } catch (thrown) {
    if (thrown instanceof TurnkeepError && thrown.code === 'server_unreachable') return null;
    throw thrown;
  }
}

/** What is told already: `printed` are the last lines of the files, up to `place`. */
type Begun = { printed: string[]; place: LogPlace };

/**
 * Tells every line that is added, for ever: as the server writes it while it runs, and from the
 * files after that, which also have what it says when nobody can listen any more. No line is told
 * twice.
 */
export async function follow(
  live: AsyncIterable<{ data: LogRecord }> | null,
  folder: string,
  { printed, place }: Begun,
  tell: (line: string) => Promise<void>,
): Promise<void> {
  const told = new Lines();
  if (live) {
    // What was written between the opening of the stream and the reading of the files is in both.
    const known = new Lines();
    for (const line of printed) known.add(line);
    await tellLive(live, async (line) => {
      if (known.take(line)) return;
      told.add(line);
      await tell(line);
    });
  }
  for (;;) {
    for (const line of await addedLines(folder, place)) {
      if (!told.take(line)) await tell(line);
    }
    await delay(POLL_MS);
  }
}

async function tellLive(
  live: AsyncIterable<{ data: LogRecord }>,
  tell: (line: string) => Promise<void>,
): Promise<void> {
  try {
    for await (const { data } of live) await tell(lineOf(data));
  } catch (thrown) {
    // The server was killed; what it had written is in the files.
    if (!(thrown instanceof TurnkeepError) || thrown.code !== 'server_unreachable') throw thrown;
  }
}

const LEVELS: readonly string[] = logLevelSchema.options;

/** A record as the server writes it into its files. */
function lineOf({ time, level, message, fields }: LogRecord): string {
  const rank = (LEVELS.indexOf(level) + 1) * 10;
  return JSON.stringify({ level: rank, time, ...fields, msg: message });
}

/** A line of a file in the form that {@link lineOf} gives it. */
function normal(line: string): string {
  try {
    const { level, time, msg = '', ...fields } = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify({ level, time, ...fields, msg });
  } catch {
    return line;
  }
}

/** Lines, each as often as it was added; in little room, since a log may be followed for days. */
class Lines {
  readonly #counts = new Map<string, number>();

  add(line: string): void {
    const key = keyOf(line);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Removes the line once; false when it is not there. */
  take(line: string): boolean {
    const key = keyOf(line);
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
    return count > 0;
  }
}

function keyOf(line: string): string {
  return createHash('sha1').update(normal(line)).digest('base64');
}
