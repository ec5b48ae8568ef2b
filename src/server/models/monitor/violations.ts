import { z } from 'zod';
import type { Standing } from '../../../contracts/modelPerformance.ts';
import type { Database, WriteTransaction } from '../../database/database.ts';
import { takeTurn } from '../calls/writing.ts';
import { note } from '../events.ts';
import type { Read } from '../rows.ts';

/** Under this name `ai_settings` keeps which thresholds are violated, and since when. */
const SETTING = 'monitor.violations';
const openSchema = z.record(z.string(), z.string());
type Open = Record<string, string>;

const keyOf = ({ threshold_id, model_id }: Standing) => `${threshold_id} ${model_id}`;

/** Is told of a violation that begins (`state` `violated`) or ends, in the write that notes it. */
export type OnViolation = (tx: WriteTransaction, standing: Standing, at: string) => Promise<void>;

/**
 * Tells since when each violated threshold is violated. What has begun or ended since the last look
 * is noted in the history of the model; what cannot be told at the moment stays as it was.
 */
export async function sinceWhen(
  database: Database,
  standings: Standing[],
  now: number,
  onViolation?: OnViolation,
): Promise<Standing[]> {
  const at = new Date(now).toISOString();
  let open = await openOf(database.read);
  if (standings.some((standing) => hasChanged(open, standing))) {
    open = await database.write((tx) => noteChanges(tx, standings, at, onViolation));
  }
  return standings.map((standing) =>
    standing.state === 'violated' ? { ...standing, since: open[keyOf(standing)] ?? at } : standing,
  );
}

function hasChanged(open: Open, standing: Standing): boolean {
  const isOpen = Object.hasOwn(open, keyOf(standing));
  return standing.state === 'violated' ? !isOpen : standing.state === 'ok' && isOpen;
}

async function openOf(read: Read): Promise<Open> {
  const row = await read
    .selectFrom('ai_settings')
    .select('value')
    .where('setting', '=', SETTING)
    .executeTakeFirst();
  return openSchema.safeParse(row?.value).data ?? {};
}

async function noteChanges(
  tx: WriteTransaction,
  standings: Standing[],
  at: string,
  onViolation?: OnViolation,
): Promise<Open> {
  // Of two servers that note at once one waits here for the other.
  await takeTurn(tx);
  const before = await openOf(tx.read);
  const open = { ...before };
  const touched = new Set<string>();
  for (const standing of standings) {
    if (!hasChanged(before, standing)) continue;
    const { threshold_id, model_id, metric, direction, threshold, value, state } = standing;
    if (state === 'violated') open[keyOf(standing)] = at;
    else delete open[keyOf(standing)];
    touched.add(threshold_id);
    const kind = state === 'violated' ? 'violated' : 'recovered';
    const detail = { threshold_id, metric, direction, threshold, value };
    await note(tx, { model_id, kind, at, detail });
    await onViolation?.(tx, standing, at);
  }
  const known = await tx.read.selectFrom('model_thresholds').select('threshold_id').execute();
  const there = new Set(known.map(({ threshold_id }) => threshold_id));
  for (const key of Object.keys(open)) if (!there.has(thresholdOf(key))) delete open[key];
  for (const threshold_id of touched) {
    const times = Object.entries(open).filter(([key]) => thresholdOf(key) === threshold_id);
    const violated_since = times.map(([, since]) => since).sort()[0] ?? null;
    await tx.update('model_thresholds', { threshold_id }, { violated_since });
  }
  const row = { value: JSON.stringify(open), updated_at: at };
  await tx.insert('ai_settings', [{ setting: SETTING, ...row }]);
  await tx.update('ai_settings', { setting: SETTING }, row);
  return open;
}

const thresholdOf = (key: string) => key.slice(0, key.indexOf(' '));
