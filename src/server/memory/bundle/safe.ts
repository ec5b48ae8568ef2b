/**
 * Characters other than tab and newline that show nothing: they could hide text from people, turn
 * its direction, or drive a terminal.
 */
const HIDDEN =
  /(?![\t\n])[\p{Cc}\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;
const DELIMITER = /<(?=\s*\/?\s*stored-conversations)/gi;

/** Stored text as it may stand in a bundle: nothing hidden, nothing that looks like its borders. */
export function safeText(text: string): string {
  return text.replace(HIDDEN, '').replace(DELIMITER, '‹').toWellFormed();
}

/** Stored text as part of one line between brackets, at most 100 characters. */
export function safeLine(text: string): string {
  return safeText(text)
    .replace(/[\s\][]+/g, ' ')
    .trim()
    .slice(0, 100)
    .toWellFormed();
}
