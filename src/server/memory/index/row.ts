import type { Insertable } from 'kysely';
import type { MemoryIndexTable } from '../../database/schemaOfMemory.ts';
import { RULES_VERSION } from '../insights/rules.ts';
import { TOKENISER_VERSION, tokenise } from '../tokens/tokenise.ts';

/** What of a message the index needs. */
export type IndexedMessage = {
  message_id: string;
  session_id: string;
  position: number;
  created_at: string;
  message_type: 'user' | 'assistant';
  content: string;
  /** An object, or its JSON text. */
  metadata?: unknown;
};

/** Different terms kept of one message; a log or a table of data has more and finds nothing more. */
const MAX_TERMS = 3_000;
const QUESTION_AT_END = /[?？]\s*(?:\[[^\]]*\]\s*)?$/u;

/** A lexeme as PostgreSQL reads it in a `tsvector` or `tsquery`. */
export function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A term that comes this often in a message is there under its lexeme for often. */
const OFTEN = 3;

/** Lexeme of a term in the messages that hold it often. No term ends so: folding makes it a 2. */
export function oftenLexeme(term: string): string {
  return `${term}\u00B2`;
}

/** The index row of a message: its terms, how many there are, and whether it ends with a question. */
export function indexRow(message: IndexedMessage, projectId: string): Insertable<MemoryIndexTable> {
  const terms = tokenise(message.content);
  const counts = new Map<string, number>();
  for (const term of terms) {
    const known = counts.get(term);
    if (known === undefined && counts.size >= MAX_TERMS) continue;
    counts.set(term, (known ?? 0) + 1);
  }
  const lexemes = [...counts].map(([term, count]) => (count >= OFTEN ? oftenLexeme(term) : term));
  return {
    message_id: message.message_id,
    session_id: message.session_id,
    project_id: projectId,
    position: message.position,
    said_at: message.created_at,
    length: terms.length,
    asks: QUESTION_AT_END.test(message.content.slice(-300)),
    tokeniser: TOKENISER_VERSION,
    tokens: lexemes.map(quoted).join(' '),
    rules: RULES_VERSION,
  };
}
