import type { Agent } from '../../../contracts/observed.ts';
import type { WriteTransaction } from '../../database/database.ts';

/** An event that an agent's hook has reported. `at` is ISO 8601 in UTC. */
export type ReportedEvent = { agent: Agent; kind: string; at: string };

/** Counts events by agent and kind, with the time of the first and of the last. */
export async function countEvents(tx: WriteTransaction, events: ReportedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const groups = new Map<string, ReportedEvent & { count: number; first: string }>();
  for (const event of events) {
    const key = `${event.agent}/${event.kind}`;
    const group = groups.get(key) ?? { ...event, count: 0, first: event.at };
    group.count += 1;
    if (event.at > group.at) group.at = event.at;
    if (event.at < group.first) group.first = event.at;
    groups.set(key, group);
  }
  const rows = await tx.read
    .selectFrom('capture_events')
    .select(['event_key', 'count', 'first_at', 'last_at'])
    .where('event_key', 'in', [...groups.keys()])
    .forUpdate()
    .execute();
  const known = new Map(rows.map((row) => [row.event_key, row]));
  for (const [event_key, { agent, kind, count, first, at }] of groups) {
    const before = known.get(event_key);
    if (!before) {
      await tx.insert('capture_events', [
        { event_key, agent, kind, count, first_at: first, last_at: at },
      ]);
      continue;
    }
    await tx.update(
      'capture_events',
      { event_key },
      {
        count: Number(before.count) + count,
        first_at: first < before.first_at ? first : before.first_at,
        last_at: at > before.last_at ? at : before.last_at,
      },
    );
  }
}
