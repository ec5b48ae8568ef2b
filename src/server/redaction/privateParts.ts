/**
 * Small letters, and the opening not behind a word: `Box<Private>` and `Ref<private>` are types.
 */
const TAG = /(?<![\p{L}\p{N}_])<private(?:\s[^<>]{0,200})?>|<\/private\s{0,20}>/gu;

/** A tag in code marks of its own is spoken about, not used. */
function isNamed(text: string, start: number, end: number): boolean {
  return text.charAt(start - 1) === '`' && text.charAt(end) === '`';
}

/** Whether nothing but blanks stands before it on its line. */
function beginsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '';
}

/**
 * Takes out what is between `<private>` and `</private>`, nested or not; one that is never closed
 * goes to the end where it begins a line, and is plain text elsewhere. `[private]` stays in its
 * place.
 */
export function withoutPrivate(text: string): { text: string; parts: number } {
  if (!text.includes('<')) return { text, parts: 0 };
  let out = '';
  let at = 0;
  let depth = 0;
  let parts = 0;
  /** Where the outermost part that is open begins, and whether one in it has ended. */
  let began = 0;
  let nested = false;
  for (const { 0: tag, index } of text.matchAll(TAG)) {
    if (isNamed(text, index, index + tag.length)) continue;
    if (!tag.startsWith('</')) {
      if (depth === 0) {
        began = index;
        nested = false;
      }
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      nested = true;
      if (depth > 0) continue;
      out += `${text.slice(at, began)}[private]`;
      parts += 1;
      at = index + tag.length;
    }
  }
  if (depth > 0 && (nested || beginsLine(text, began))) {
    return { text: `${out}${text.slice(at, began)}[private]`, parts: parts + 1 };
  }
  return parts === 0 ? { text, parts } : { text: out + text.slice(at), parts };
}
