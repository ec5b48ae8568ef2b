const MARK = '\u0000';

/**
 * Marks arguments that are text although they begin with a dash (`- a list item`): an option holds
 * no white space, apart from the value after `--name=`. A NUL can be in no argument of its own.
 */
export function markTexts(argv: string[]): string[] {
  return argv.map((argument) => {
    const isText = /^-\S*\s/.test(argument) && !/^--[a-z][a-z-]*=/.test(argument);
    return isText ? MARK + argument : argument;
  });
}

/** Takes the mark off again, of a value or of each in a list or record of options. */
export function unmark<T>(value: T): T;
export function unmark(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? value.slice(1) : value;
  if (Array.isArray(value)) return value.map((member: unknown) => unmark(member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unmark(member)]));
}

/** Whether the command line asks for JSON, before it is parsed or when it cannot be. */
export function wantsJson(argv: string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
