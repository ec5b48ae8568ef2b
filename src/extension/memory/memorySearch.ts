import type { MemoryItem } from '../../contracts/memory.ts';
import { problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';

const DEBOUNCE_MS = 150;
const LIMIT = 40;
/** The rows are read, not the bundle. */
const LEAST_TOKENS = 50;

export type Found =
  | { words: string; items: MemoryItem[]; project: string }
  | { words: string; problem: string };

/** Asks the memory as words are typed: the last words alone, and no more often than is of use. */
export class MemorySearch {
  private timer: NodeJS.Timeout | undefined;
  private running: AbortController | undefined;

  constructor(
    private readonly server: Pick<ServerLink, 'call'>,
    private readonly tell: (found: Found) => void,
  ) {}

  /** Asks for words soon; what was asked before is given up. */
  soon(words: string, everywhere: boolean): void {
    this.stop();
    this.timer = setTimeout(() => void this.run(words, everywhere), DEBOUNCE_MS);
  }

  /** Gives up what is asked. */
  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
  }

  private async run(words: string, everywhere: boolean): Promise<void> {
    const controller = new AbortController();
    this.running = controller;
    const { signal } = controller;
    try {
      const scope = everywhere ? { project: '*' } : {};
      const input = { query: words, limit: LIMIT, max_tokens: LEAST_TOKENS, ...scope };
      const { ltst, project } = await this.server.call('query_memory', input, { signal });
      if (!signal.aborted) this.tell({ words, items: ltst?.items ?? [], project });
    } catch (thrown) {
      if (!signal.aborted) this.tell({ words, problem: problemOf(thrown).message });
    }
  }
}
