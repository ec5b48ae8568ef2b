import { randomUUID } from 'node:crypto';
import type { CallContext } from '../contracts/context.ts';
import { type FieldError, isRefusal, TurnkeepError, toTurnkeepError } from '../contracts/errors.ts';
import type { Home } from '../contracts/home.ts';
import { MAX_MESSAGE_BYTES, MAX_METADATA_BYTES } from '../contracts/limits.ts';
import type { SpoolEntry } from '../contracts/server.ts';
import { type ToolInput, type ToolOutput, tools } from '../contracts/tools.ts';
import type { RestClient } from './restClient.ts';
import { newSpoolEntry, writeSpoolEntry } from './spool.ts';

export type CaptureTool = SpoolEntry['tool'];
export type Captured<N extends CaptureTool> =
  | { spooled: false; output: ToolOutput<N> }
  | { spooled: true; event_id: string; file: string; reason: TurnkeepError };

/**
 * Captures through the server; when none can be had, puts the capture into the spool under the same
 * event id, so that it arrives once. Throws what is wrong with the capture itself, and
 * `home_unwritable` when it could be stored nowhere.
 */
export async function captureOrSpool<N extends CaptureTool>(
  target: { home: Home; client: RestClient; context: CallContext },
  tool: N,
  input: ToolInput<N>,
): Promise<Captured<N>> {
  checkCapture(tool, input);
  const event_id = 'event_id' in input && input.event_id ? input.event_id : randomUUID();
  const args = tool === 'capture_turns' ? withTurnIds(input, event_id) : { ...input, event_id };
  try {
    const options = { idempotencyKey: event_id };
    const output = await target.client.call(tool, args as ToolInput<N>, options);
    return { spooled: false, output };
  } catch (thrown) {
    const reason = toTurnkeepError(thrown);
    if (isRefusal(reason.code)) throw reason;
    const entry = { ...newSpoolEntry(tool, args, target.context), event_id };
    const file = await writeSpoolEntry(target.home, entry);
    return { spooled: true, event_id, file, reason };
  }
}

/** Each turn of a batch is an event of its own, named after the batch. */
function withTurnIds(input: object, event_id: string): Record<string, unknown> {
  const turns = 'turns' in input && Array.isArray(input.turns) ? input.turns : [];
  return { turns: turns.map((turn, index) => ({ event_id: `${event_id}:${index}`, ...turn })) };
}

/**
 * Refuses what a server would refuse, before it is sent or spooled: `invalid_request` with the
 * fields, `message_too_large`.
 */
export function checkCapture(tool: CaptureTool, input: unknown): void {
  const parsed = tools[tool].input.safeParse(input);
  if (!parsed.success) {
    const fields: FieldError[] = parsed.error.issues.map(({ path, message }) => {
      return { path: path.join('.'), message };
    });
    const said = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new TurnkeepError('invalid_request', said, { fields });
  }
  checkSizes(parsed.data, '');
}

function checkSizes(value: unknown, path: string): void {
  if (typeof value === 'string') checkMessageSize(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'metadata') checkMetadataSize(member);
    else checkSizes(member, path === '' ? key : `${path}.${key}`);
  }
}

/** Throws `message_too_large` over 8 MiB of UTF-8. `name` says which text it is. */
export function checkMessageSize(text: string, name: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_MESSAGE_BYTES) return;
  throw new TurnkeepError(
    'message_too_large',
    `${name} is ${mebibytes(bytes)} MiB; a message may be up to ${mebibytes(MAX_MESSAGE_BYTES)} MiB. Nothing of it was stored: split it into several turns.`,
  );
}

/** Throws `invalid_request` over 64 KiB of JSON. */
export function checkMetadataSize(metadata: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(metadata) ?? '');
  if (bytes <= MAX_METADATA_BYTES) return;
  throw new TurnkeepError(
    'invalid_request',
    `The metadata is ${bytes} bytes of JSON; it may be up to ${MAX_METADATA_BYTES}.`,
  );
}

function mebibytes(bytes: number): string {
  return (Math.ceil((bytes / 1024 / 1024) * 100) / 100).toString();
}
