import { protect, protectJson } from '../../redaction/service.ts';

/** Fields of an entry by which it is known and taken in again; an agent has no part in them. */
const OWN_FIELDS = new Set([
  ...['v', 'kind', 'event_id', 'created_at', 'agent', 'cwd', 'tool', 'database'],
]);

/**
 * The text of an entry of the spool without secrets and private parts. What is JSON stays JSON, the
 * payload of a hook too: there the strings are looked through as they will be stored. Anything else
 * is looked through as text.
 */
export function protectedEntry(text: string): string {
  const entry = parsed(text);
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return protectedText(text);
  }
  const fields = Object.entries(entry).map(([name, value]: [string, unknown]) => {
    if (OWN_FIELDS.has(name)) return [name, value];
    if (name === 'payload' && typeof value === 'string') return [name, protectedText(value)];
    return [name, protectJson(value).value];
  });
  return JSON.stringify(Object.fromEntries(fields));
}

function protectedText(text: string): string {
  const value = parsed(text);
  return value === undefined ? protect(text).text : JSON.stringify(protectJson(value).value);
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF+/, ''));
  } catch {
    return undefined;
  }
}
