import { toTurnkeepError } from '../../../contracts/errors.ts';
import type { ObservedConversation } from '../../../contracts/observed.ts';
import type { Batch } from './batch.ts';
import type { Found } from './discovery.ts';
import type { Scope } from './scope.ts';
import { isRead, type SourceRow } from './sourceRows.ts';
import type { Tally } from './tally.ts';

export type ReadingOptions = {
  scope: Scope;
  /** Reads all of it whatever was read before, and brings back what was deleted. */
  again: boolean;
  /** True when it is to end after the conversation at hand. */
  stopped: () => boolean;
  /** Ends it in the middle of a conversation. */
  signal: AbortSignal;
  /** Conversations read of the source so far. */
  onProgress?: (conversations: number) => void;
};

/** A clock of the program that wrote the source may lag behind that of the file system. */
const OVERLAP_MS = 60_000;

/**
 * Reads a source to its end and gives its conversations to `batch`, which the caller flushes; one
 * that is as it was when it was last read is passed over. What cannot be understood is in the tally.
 * Throws when the database fails.
 * @returns `stopped` when it was ended before: the next reading begins again, and stores the rest.
 */
export async function readSource(
  batch: Batch,
  { reader, source }: Found,
  before: SourceRow | undefined,
  tally: Tally,
  options: ReadingOptions,
): Promise<'read' | 'unchanged' | 'unreadable' | 'stopped'> {
  const { scope, again, stopped, signal, onProgress } = options;
  if (!again && isRead(before, source, scope.key)) {
    tally.conversations += before?.state?.conversations ?? 0;
    tally.turns.known += before?.state?.turns ?? 0;
    return 'unchanged';
  }
  const began = new Date();
  const since = again ? null : readUpTo(before, scope.key);
  const seen = { conversations: 0, turns: 0 };
  const conversations = reader.read(source, { signal, onProblem: tally.problem, since });
  for await (const item of understood(conversations, source.path, tally, signal)) {
    if (item === 'unreadable') return 'unreadable';
    seen.conversations += 1;
    const taken = await scope.take(item);
    if (taken === 'excluded') tally.excluded += 1;
    else if (taken !== 'other') {
      seen.turns += taken.turns.length;
      await batch.add(taken, source.path);
    }
    onProgress?.(seen.conversations);
    if (stopped()) break;
  }
  if (stopped() || signal.aborted) return 'stopped';
  const state = { scope: scope.key, began: began.toISOString(), ...total(seen, before, since) };
  await batch.end({ source, state });
  return 'read';
}

/** The moment up to which everything was read with this scope; null when there is none. */
function readUpTo(before: SourceRow | undefined, scope: string): string | null {
  if (before?.state?.scope !== scope) return null;
  return new Date(Date.parse(before.state.began) - OVERLAP_MS).toISOString();
}

/** Of a source that was read in part, what was known of the rest stays counted. */
function total(
  seen: { conversations: number; turns: number },
  before: SourceRow | undefined,
  since: string | null,
) {
  const known = since === null ? null : before?.state;
  return {
    conversations: Math.max(seen.conversations, known?.conversations ?? 0),
    turns: Math.max(seen.turns, known?.turns ?? 0),
  };
}

/** The conversations of a source; a source that cannot be read ends them with `unreadable`. */
async function* understood(
  conversations: AsyncIterable<ObservedConversation>,
  file: string,
  tally: Tally,
  signal: AbortSignal,
): AsyncGenerator<ObservedConversation | 'unreadable'> {
  const all = conversations[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await all.next();
      if (next.done) return;
      yield next.value;
    }
  } catch (thrown) {
    if (signal.aborted) return;
    tally.problem({ file, at: null, reason: toTurnkeepError(thrown).message });
    yield 'unreadable';
  } finally {
    // A reader that is left early closes its file.
    await all.return?.();
  }
}
