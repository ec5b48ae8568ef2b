import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_GENESIS } from '../../../src/contracts/audit.ts';
import { openDatabase } from '../../../src/server/database/open.ts';
import { AuditLog } from '../../../src/server/integrations/audit/log.ts';
import { type HealthChange, Integrations } from '../../../src/server/integrations/service.ts';
import { json } from '../../support/answeringServer.ts';
import { engines, keepingLog, newHome } from '../support.ts';
import { by, type Stage, stage } from './support.ts';

describe.each(engines)('what is kept of connected systems on %s', (engine) => {
  let at: Stage;
  const changes: HealthChange[] = [];
  beforeAll(async () => {
    at = await stage(engine, {
      onHealthChanged: async (_tx, change) => void changes.push(change),
    });
  });
  afterAll(() => at.end());
  const signal = new AbortController().signal;

  it('is set up, changed and forgotten, each noted in the log', async () => {
    await at.connect('issues', { kind: 'http', name: 'Issues' });
    const [known] = await at.integrations.list();
    expect(known).toMatchObject({ integration_id: 'issues', name: 'Issues', has_key: true });
    await at.connect('issues', { kind: 'http', name: 'Issues' });
    await at.connect('issues', { kind: 'http', name: 'Tracker' });
    await at.integrations.setPolicy('issues', { allowed_methods: ['GET'] }, by);
    expect((await at.integrations.get('issues')).policy).toEqual({ allowed_methods: ['GET'] });
    expect(await at.integrations.remove('issues', by)).toBe(true);
    expect(await at.integrations.remove('issues', by)).toBe(false);
    await expect(at.integrations.get('issues')).rejects.toMatchObject({ code: 'not_found' });
    const { entries } = await at.integrations.audit.list({ subject: 'integration:issues' });
    const actions = entries.map((entry) => JSON.parse(entry.detail).action);
    expect(actions).toEqual(['remove', 'policy', 'change', 'add']);
  });

  it('counts calls, and counts on after a restart', async () => {
    await at.connect('counted', { settings: { retries: 0, breaker_failures: 1000 } });
    for (let call = 0; call < 20; call += 1) {
      at.outside.answers((_, response) => json(response, {}, call % 4 === 0 ? 503 : 200));
      await at.integrations.call({ integration: 'counted' }, by);
    }
    const statusOf = async (integrations: Integrations) =>
      (await integrations.status()).integrations.find((one) => one.integration_id === 'counted');
    const counted = { requests: 20, errors: 5, error_rate: 0.25, error_kinds: { http_503: 5 } };
    const before = await statusOf(at.integrations);
    expect(before).toMatchObject(counted);
    expect(before?.last_error).toMatchObject({ kind: 'http_503' });
    const { p50 = 0, p95 = 0, p99 = 0, max = 0 } = before?.latency_ms ?? {};
    expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => a - b));
    expect(p50).toBeGreaterThan(0);

    const next = new Integrations({
      ...{ database: at.opened.db, log: keepingLog(), keys: { find: () => undefined } },
    });
    expect(await statusOf(next)).toMatchObject(counted);
    at.outside.answers((_, response) => json(response, {}));
    await next.call({ integration: 'counted' }, by);
    expect(await statusOf(next)).toMatchObject({ requests: 21, errors: 5 });
    await at.integrations.call({ integration: 'counted' }, by);
    const hours = await next.measures('counted');
    expect(hours.reduce((sum, hour) => sum + hour.requests, 0)).toBeGreaterThanOrEqual(21);
    expect(await statusOf(at.integrations)).toMatchObject({ requests: 22 });
    await next.close();
  });

  it('notes how a system is, since when, and what was wrong', async () => {
    await at.connect('watched', { settings: { health_path: '/health' } });
    const check = () => at.integrations.health('watched', { signal });
    const state = async () => (await at.integrations.get('watched')).state;
    at.outside.answers((_, response) => json(response, {}));
    expect(await check()).toMatchObject({ health: 'healthy', status: 200, error: null });
    const { since } = await state();
    await check();
    expect(await state()).toMatchObject({ health: 'healthy', since, failures: 0 });
    at.outside.answers((_, response) => json(response, {}, 500));
    expect(await check()).toMatchObject({ health: 'down', status: 500 });
    await check();
    expect(await state()).toMatchObject({
      ...{ health: 'down', failures: 2, last_error: { kind: 'http_500' } },
    });
    at.outside.answers((_, response) => json(response, {}, 401));
    expect(await check()).toMatchObject({ health: 'degraded' });
    at.outside.answers((_, response) => void setTimeout(() => json(response, {}), 80));
    await at.connect('watched', { settings: { health_path: '/health', health_slow_ms: 10 } });
    expect(await check()).toMatchObject({ health: 'degraded' });
    const moves = changes.filter((one) => one.integration_id === 'watched');
    expect(moves.map(({ before, after }) => [before, after])).toEqual([
      ['unknown', 'healthy'],
      ['healthy', 'down'],
      ['down', 'degraded'],
    ]);
  });

  it('finds a system down that is not there', async () => {
    await at.connect('gone', { base_url: 'http://127.0.0.1:1' });
    const found = await at.integrations.health('gone', { signal });
    expect(found).toMatchObject({ health: 'down', status: null, latency_ms: null });
    expect(found.error).toMatch(/cannot be reached|lost/);
  });

  it('keeps the log in one chain, also when many write at the same moment', async () => {
    const logs = [at.integrations.audit, new AuditLog(at.opened.db), new AuditLog(at.opened.db)];
    const drafts = Array.from({ length: 60 }, (_, number) => ({
      ...{ actor: 'someone', subject: 'integration:many', decision: 'allowed' as const },
      detail: { number, text: 'ü ☃ \u2028' },
    }));
    await Promise.all(drafts.map((draft, at) => logs[at % logs.length]?.add(draft)));
    const report = await at.integrations.audit.verify();
    expect(report).toMatchObject({ intact: true, broken_at: null });
    const { entries } = await at.integrations.audit.list({
      ...{ subject: 'integration:many', limit: 100 },
    });
    expect(entries.map((one) => JSON.parse(one.detail).number).sort((a, b) => a - b)).toEqual(
      drafts.map((draft) => draft.detail.number),
    );
    expect(await at.integrations.audit.verify(report.head)).toEqual(report);
  });

  it('gives the log by pages, in its order and the other way round', async () => {
    const { audit } = at.integrations;
    const whole = await audit.verify();
    const forwards: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await audit.inOrder({ limit: 7, cursor });
      forwards.push(...page.entries.map((entry) => entry.entry_id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(forwards).toHaveLength(whole.entries);
    expect(forwards).toEqual([...forwards].sort());
    const [newest] = (await audit.list({ limit: 1 })).entries;
    expect(newest?.hash).toBe(whole.head);
    const none = await audit.list({ since: '2999-01-01T00:00:00Z' });
    expect(none).toEqual({ entries: [], next_cursor: null });
  });

  it('finds every way in which the log can be changed', async () => {
    const { audit } = at.integrations;
    const { db } = at.opened;
    const { entries, head } = await audit.verify();
    const third = '0000000000000003';
    const row = await db.read
      .selectFrom('audit_log')
      .selectAll()
      .where('entry_id', '=', third)
      .executeTakeFirstOrThrow();
    const changed = async (set: Record<string, string>) => {
      await db.write((tx) => tx.update('audit_log', { entry_id: third }, set));
      const report = await audit.verify();
      const { entry_id: _, ...before } = row;
      await db.write((tx) => tx.update('audit_log', { entry_id: third }, before));
      return report;
    };
    for (const set of [
      { actor: 'nobody' },
      { subject: 'integration:other' },
      { decision: 'allowed' === row.decision ? 'refused' : 'allowed' },
      { detail: '{}' },
      { at: '2020-01-01T00:00:00.000Z' },
      { previous: AUDIT_GENESIS },
      { hash: AUDIT_GENESIS },
    ]) {
      const report = await changed(set);
      expect(report, JSON.stringify(set)).toMatchObject({ intact: false, entries: 2 });
      expect(report.broken_at, JSON.stringify(set)).toBe(third);
    }
    expect(await audit.verify()).toMatchObject({ intact: true, entries });

    const remove = (id: string) => db.write((tx) => tx.delete('audit_log', 'entry_id', [id]));
    await remove(third);
    const gap = await audit.verify();
    expect(gap).toMatchObject({ intact: false, entries: 2, broken_at: '0000000000000004' });
    await db.write((tx) => tx.insert('audit_log', [row]));
    await remove(String(entries).padStart(16, '0'));
    expect(await audit.verify()).toMatchObject({ intact: true, entries: entries - 1 });
    expect(await audit.verify(head)).toMatchObject({ intact: false, entries: entries - 1 });
  });
});

it('keeps one chain of two servers on one PostgreSQL', async () => {
  const at = await stage('postgres');
  const homes = await Promise.all([newHome(), newHome()]);
  const { dsn } = at.opened;
  const databases = await Promise.all(
    homes.map((home) => openDatabase({ home, dsn, env: {}, log: keepingLog() })),
  );
  try {
    const logs = databases.map((database) => new AuditLog(database));
    const [actor, subject, decision] = ['someone', 'integration:shared', 'allowed'] as const;
    // One after the other in each, so that the two meet again and again.
    await Promise.all(
      logs.map(async (log, server) => {
        for (let number = 0; number < 40; number += 1) {
          await log.add({ actor, subject, decision, detail: { server, number } });
        }
      }),
    );
    expect(await at.integrations.audit.verify()).toMatchObject({ intact: true, entries: 80 });
    const { entries } = await at.integrations.audit.list({ subject, limit: 100 });
    expect(new Set(entries.map((entry) => entry.detail)).size).toBe(80);
  } finally {
    await Promise.all(databases.map((database) => database.close()));
    await Promise.all(homes.map((home) => home.remove()));
    await at.end();
  }
});
