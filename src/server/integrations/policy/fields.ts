/**
 * The value at a dotted path in a body: `a.b`, and `items.0.name` in lists. A field whose own name
 * has dots goes first. Undefined when it is not there.
 */
export function valueAt(body: unknown, path: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = body as Record<string, unknown>;
  if (Object.hasOwn(fields, path)) return fields[path];
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const first = path.slice(0, dot);
  return Object.hasOwn(fields, first) ? valueAt(fields[first], path.slice(dot + 1)) : undefined;
}
