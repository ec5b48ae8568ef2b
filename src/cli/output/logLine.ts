import type { Style } from './terminal.ts';
import { harmless, localTime } from './text.ts';

const LEVELS: Record<number, [string, Style]> = {
  10: ['trace', 'dim'],
  20: ['debug', 'dim'],
  30: ['info', 'green'],
  40: ['warn', 'yellow'],
  50: ['error', 'red'],
  60: ['fatal', 'red'],
};
const SHOWN_ALREADY = new Set(['time', 'level', 'msg', 'pid']);

/** A JSON line of the server's log, for a person: time, level, message, then what else it says. */
export function logLine(line: string, paint: (style: Style, text: string) => string): string {
  const entry = parse(line);
  if (!entry) return harmless(line);
  const { time, level, msg } = entry;
  const [name, style] = LEVELS[Number(level)] ?? ['', 'dim'];
  const others = Object.entries(entry)
    .filter(([key]) => !SHOWN_ALREADY.has(key))
    .map(([key, value]) => `${key}=${shown(value)}`);
  const head = `${paint('dim', localTime(String(time)))} ${paint(style, name.padEnd(5))} ${harmless(String(msg ?? ''))}`;
  return others.length > 0 ? `${head} ${paint('dim', harmless(others.join(' ')))}` : head;
}

/** Of an error its message: the stack is in the file, and in `--json`. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  const isError = typeof value === 'object' && value !== null && 'stack' in value;
  return JSON.stringify(isError && 'message' in value ? value.message : value);
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
