/** The members of a payload; none when it is no JSON object. */
export type Fields = Record<string, unknown>;

/** Reads a payload leniently: what is not understood is spooled all the same. */
export function fieldsOf(payload: string): Fields {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : {};
  } catch {
    return {};
  }
}

/** A member that is text, else an empty text. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}
