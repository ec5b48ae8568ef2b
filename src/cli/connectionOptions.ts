import { TurnkeepError } from '../contracts/errors.ts';
import { keyRefSchema } from '../contracts/models.ts';

/**
 * `NAME:VALUE` lines of `--header` as headers. What is wrong is not said again: it may be a key.
 * @throws TurnkeepError `usage`.
 */
export function headersOf(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      if (at < 1) throw new TurnkeepError('usage', '--header: NAME:VALUE is expected.');
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/**
 * The place that `--key` names. Checked here and not as an option: what was given may be the key, and
 * is not said again.
 * @throws TurnkeepError `usage`.
 */
export function keyPlace(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = keyRefSchema.safeParse(text);
  if (parsed.success) return text;
  throw new TurnkeepError('usage', `--key: ${parsed.error.issues[0]?.message}`);
}
