/**
 * One token that may hold a semicolon: a string, a name, a comment or a dollar-quoted text. One that
 * is not closed reaches to the end: at a prompt its rest is yet to come.
 */
const TOKENS =
  /\bE'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<![\w$])(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?(?:\1|$)|;/gi;

/**
 * Statements of a text, split at semicolons outside of strings, names, comments and dollar quotes.
 * `rest` is what comes after the last semicolon.
 */
export function splitSql(text: string): { statements: string[]; rest: string } {
  const statements: string[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    if (match[0] !== ';') continue;
    statements.push(text.slice(from, match.index));
    from = match.index + 1;
  }
  return { statements: statements.filter(hasSql), rest: text.slice(from) };
}

/** Whether there is more than white space and comments. */
export function hasSql(text: string): boolean {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '';
}

/** All statements, the last one with or without its semicolon. */
export function allStatements(text: string): string[] {
  const { statements, rest } = splitSql(text);
  return hasSql(rest) ? [...statements, rest] : statements;
}
