import type { Database } from '../database/database.ts';
import type { Handlers } from '../platform/tool.ts';

type RedactionTools = Pick<Handlers, 'redact_stored'>;
type Redact = (
  database: Database,
  input: Parameters<RedactionTools['redact_stored']>[0],
  signal: AbortSignal | undefined,
) => ReturnType<RedactionTools['redact_stored']>;

/**
 * The redaction tools.
 * @param redactStored runs the rules over what is stored; conversations own those rows and use the
 * rules, so they are given it instead of asked for it
 */
export function redactionTools(database: Database, redactStored: Redact): RedactionTools {
  return { redact_stored: (input, { signal }) => redactStored(database, input, signal) };
}
