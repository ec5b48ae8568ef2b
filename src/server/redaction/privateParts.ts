const TAG = /<(\/?)private(?:\s[^<>]{0,200})?>/gi;

/** A tag in code marks of its own is spoken about, not used. */
function isNamed(text: string, start: number, end: number): boolean {
  return text.charAt(start - 1) === '`' && text.charAt(end) === '`';
}

/**
 * Takes out what is between `<private>` and `</private>`, in any case, nested or not; one that is
 * never closed goes to the end. `[private]` stays in its place.
 */
export function withoutPrivate(text: string): { text: string; parts: number } {
  if (!text.includes('<')) return { text, parts: 0 };
  let out = '';
  let at = 0;
  let depth = 0;
  let parts = 0;
  for (const match of text.matchAll(TAG)) {
    if (isNamed(text, match.index, match.index + match[0].length)) continue;
    if (match[1] === '') {
      if (depth === 0) {
        out += `${text.slice(at, match.index)}[private]`;
        parts += 1;
      }
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      at = match.index + match[0].length;
    }
  }
  if (parts === 0) return { text, parts };
  return { text: depth > 0 ? out : out + text.slice(at), parts };
}
