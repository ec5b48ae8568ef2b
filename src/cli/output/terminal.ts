const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof CODES;

/** Colours for a stream: only on a terminal, and never with `NO_COLOR`. */
export function painter(stream: NodeJS.WriteStream): (style: Style, text: string) => string {
  const coloured = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return (style, text) => (coloured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}

/** Writes text to a stream and waits while the reader is slower. */
export function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** A line on standard output. */
export function print(text: string): Promise<void> {
  return write(process.stdout, `${text}\n`);
}

/** One JSON value on standard output. */
export function printJson(value: unknown): Promise<void> {
  return print(terminalJson(value));
}

/** JSON without the control characters that JSON itself leaves unescaped; `indent` makes it readable. */
export function terminalJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(/[\u007f-\u009f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A line for the person, on standard error: never part of the output that a program reads. */
export function notice(text: string): Promise<void> {
  return write(process.stderr, `${text}\n`);
}

/** Lines of a name and a value, the values in one column. */
export function pairs(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
