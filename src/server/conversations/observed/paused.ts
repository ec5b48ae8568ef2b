import type { Deleted } from './merge.ts';
import type { Seen } from './model.ts';

/** What was deleted, and with it what was said while capture was paused. */
export function withoutPaused(
  deleted: Deleted,
  seen: Seen[],
  paused: (at: string) => boolean,
): Deleted {
  const isPaused = (at: string | null) => at !== null && paused(at);
  const said = new Set(seen.filter((one) => isPaused(one.promptAt ?? one.answerAt)));
  const answered = new Set(seen.filter((one) => isPaused(one.answerAt)));
  if (said.size === 0 && answered.size === 0) return deleted;
  return {
    byName: deleted.byName,
    byText(fresh) {
      const gone = deleted.byText(fresh);
      for (const one of fresh) if (said.has(one)) gone.add(one);
      return gone;
    },
    stays: (turn, one) => deleted.stays(turn, one) || (!one.event && answered.has(one)),
  };
}
