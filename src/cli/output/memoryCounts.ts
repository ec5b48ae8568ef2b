import type { MemoryAnswer } from '../../contracts/memory.ts';
import { count } from './text.ts';

/** What each memory system gave, and the size of the bundle, in one line. */
export function memoryCounts(answer: MemoryAnswer): string {
  const { ltst, cursor, cli, prime } = answer;
  const parts = [
    ...(ltst ? [`ltst ${count(ltst.items.length, 'message')}`] : []),
    ...(cursor
      ? [
          `cursor ${count(cursor.items.length, 'session')}, ${count(cursor.open_questions.length, 'open question')}, ${count(cursor.files.length, 'file')}`,
        ]
      : []),
    ...(cli
      ? [`cli ${count(cli.items.length, 'message')} of ${count(cli.stats.turns, 'turn')}`]
      : []),
    ...(prime ? [`prime ${count(prime.items.length, 'insight')}`] : []),
    count(answer.tokens, 'token'),
    `${Math.round(answer.took_ms)} ms`,
  ];
  return parts.join(' · ');
}
