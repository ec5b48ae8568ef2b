import type { SessionSummary } from '../../contracts/conversations.ts';
import { resourceUri } from '../../mcp/uris.ts';

const LOOK_EVERY_MS = 2000;
/** As many conversations, used last, are looked at for changes. */
const LOOKED_AT = 50;

type Options = {
  /** Whether anybody wants to hear of changes: only then it is looked for them. */
  watched: () => boolean;
  /** Conversations, last used first. */
  sessions: (limit: number) => Promise<SessionSummary[]>;
  onListChanged: () => void;
  onUpdated: (uri: string) => void;
  onError: (error: Error) => void;
};

/**
 * Looks every two seconds what is stored, whichever way it came (hook, spool, import, MCP, deletion),
 * and tells what is new, gone or longer among the conversations used last.
 */
export class McpChanges {
  readonly #options: Options;
  readonly #timer: NodeJS.Timeout;
  #seen: SessionSummary[] | null = null;
  #looking = false;

  constructor(options: Options) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** Compares with what was there the last time; the first look of a subscription only remembers. */
  async look(): Promise<void> {
    const { watched, sessions, onError } = this.#options;
    if (!watched()) {
      this.#seen = null;
      return;
    }
    if (this.#looking) return;
    this.#looking = true;
    try {
      const now = await sessions(LOOKED_AT);
      if (this.#seen) this.#compare(this.#seen, now);
      this.#seen = now;
    } catch (error) {
      onError(error as Error);
    } finally {
      this.#looking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #compare(before: SessionSummary[], now: SessionSummary[]): void {
    const { onListChanged, onUpdated } = this.#options;
    const known = new Map(before.map((session) => [session.session_id, session]));
    const here = new Map(now.map((session) => [session.session_id, session]));
    // One that only fell behind the others is not gone.
    const oldest = now.length < LOOKED_AT ? '' : (now.at(-1)?.last_activity_at ?? '');
    const gone = before.filter(
      ({ session_id, last_activity_at }) => !here.has(session_id) && last_activity_at > oldest,
    );
    const fresh = now.filter(({ session_id }) => !known.has(session_id));
    const changed = now.filter((session) => {
      const old = known.get(session.session_id);
      return old !== undefined && isOther(old, session);
    });
    const renamed = changed.some(({ session_id, title }) => known.get(session_id)?.title !== title);
    if (gone.length > 0 || fresh.length > 0 || renamed) onListChanged();
    const touched = [...gone, ...fresh, ...changed];
    for (const { session_id } of [...gone, ...changed]) {
      onUpdated(resourceUri('session', session_id));
    }
    for (const id of new Set(touched.map(({ project_id }) => project_id))) {
      onUpdated(resourceUri('project', id));
    }
  }
}

function isOther(a: SessionSummary, b: SessionSummary): boolean {
  return (
    a.message_count !== b.message_count ||
    a.last_activity_at !== b.last_activity_at ||
    a.status !== b.status ||
    a.title !== b.title
  );
}
