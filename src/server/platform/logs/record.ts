import {
  type LogLevel,
  type LogRecord,
  logLevelSchema,
} from '../../../contracts/observationEndpoints.ts';

export type LogFilter = {
  level?: LogLevel | undefined;
  text?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

/** Names of levels, lowest first; the numbers in the log are ten times their place, from 10 on. */
const LEVELS = logLevelSchema.options;

function rankOf(level: LogLevel): number {
  return LEVELS.indexOf(level);
}

/** A line of the log as a record; null for one that is no record (cut off by a crash). */
export function recordOf(line: string): LogRecord | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { level, time, msg, ...fields } = parsed as Record<string, unknown>;
  const name = LEVELS[Number(level) / 10 - 1];
  if (name === undefined || typeof time !== 'string') return null;
  return { time, level: name, message: String(msg ?? ''), fields };
}

/** Whether a line may match, before it is parsed: most do not, and parsing takes the time. */
export function mayMatch(line: string, { text }: LogFilter): boolean {
  return text === undefined || line.toLowerCase().includes(text.toLowerCase());
}

export function doesMatch(record: LogRecord, { level, since, until }: LogFilter): boolean {
  if (level !== undefined && rankOf(record.level) < rankOf(level)) return false;
  const at = Date.parse(record.time);
  if (since !== undefined && at < Date.parse(since)) return false;
  return until === undefined || at < Date.parse(until);
}
