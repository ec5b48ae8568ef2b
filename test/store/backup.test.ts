import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportLines } from '../../src/server/conversations/exporting.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import {
  backupFileName,
  backupWhenDue,
  newestBackupTime,
  rotateBackups,
} from '../../src/server/database/backups.ts';
import type { Database, WriteTransaction } from '../../src/server/database/database.ts';
import { migrations } from '../../src/server/database/migrations/all.ts';
import { openDatabase } from '../../src/server/database/open.ts';
import { tablesInOrder } from '../../src/server/database/schema.ts';
import { tables } from '../../src/server/database/tables.ts';
import { queryMemory } from '../../src/server/memory/service.ts';
import { findKnownProject } from '../../src/server/projects/service.ts';
import {
  countMessages,
  keepingLog,
  message,
  newHome,
  newPlace,
  type Opened,
  openEmpty,
} from './support.ts';

/** Everything stored, as digests of its text; the full-text index is the engine's own affair. */
async function everything(db: Database): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const table of tablesInOrder) {
    const columns = Object.keys(tables[table].columns).map((name) => sql.ref(name));
    const rows = await sql<{ digest: string }>`
      select md5(row(${sql.join(columns)})::text) as digest from ${sql.table(table)}
      order by 1`.execute(db.read);
    all.push(rows.rows.map((row) => row.digest));
  }
  return all;
}

describe('backup and restore', () => {
  let embedded: Opened;
  let server: Opened;
  let file: string;
  beforeAll(async () => {
    [embedded, server] = await Promise.all([openEmpty('pglite'), openEmpty('postgres')]);
    const places = [await newPlace(embedded.db), await newPlace(embedded.db)];
    for (const place of places) {
      const rows = Array.from({ length: 1200 }, (_, i) =>
        message(place, i + 1, {
          content: `turn ${i} 漢字 👩‍💻 ${'x'.repeat(i)}`,
          created_at: `2023-05-08T13:56:00.${String(i).padStart(6, '0')}Z`,
          metadata: '{"b": 1.50, "a": 12345678901234567890, "nul": "\\u0000"}' as never,
        }),
      );
      rows[0] = { ...message(place, 1), content: 'y'.repeat(8 * 1024 * 1024) };
      await embedded.db.write((tx) => tx.insert('conversation_messages', rows));
    }
    file = join(embedded.home.backups, 'mine.jsonl.gz');
  });
  afterAll(async () => {
    await embedded?.end();
    await server?.end();
  });

  test('writes header, rows in table order and trailer; appears whole and private', async () => {
    const report = await embedded.db.backup(file);
    expect(report).toEqual({ file, rows: 2406, bytes: (await stat(file)).size });
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(embedded.home.backups)).toEqual(['mine.jsonl.gz']);
    const lines = gunzipSync(await readFile(file))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      format: 'turnkeep-backup',
      version: 1,
      schema: Object.keys(migrations),
      counts: {
        projects: 2,
        conversation_sessions: 2,
        atlas_thread: 2,
        conversation_messages: 2400,
        memory_index: 0,
        memory_insights: 0,
        memory_pins: 0,
      },
    });
    const order = lines.slice(1, -1).map((line) => JSON.parse(line).table);
    expect([...new Set(order)]).toEqual(tablesInOrder.slice(0, 4));
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ end: true, rows: 2406 });
    expect((await embedded.db.status()).last_backup).not.toBeNull();
  });

  test('goes from PGlite to PostgreSQL and back, every byte', async () => {
    const original = await everything(embedded.db);
    expect(await server.db.restore(file, { replace: false })).toEqual({ rows: 2406 });
    expect(await everything(server.db)).toEqual(original);
    const back = join(server.home.backups, 'back.jsonl.gz');
    await server.db.backup(back);
    await expect(embedded.db.restore(back, { replace: false })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('--replace'),
    });
    await newPlace(embedded.db, 'to be replaced');
    await embedded.db.restore(back, { replace: true });
    expect(await everything(embedded.db)).toEqual(original);
    expect((await embedded.db.status()).journal).toEqual({ entries: 0, bytes: 0 });
  });

  test('refuses what is no whole backup and changes nothing', async () => {
    const whole = await readFile(file);
    const text = gunzipSync(whole).toString('utf8');
    const lines = text.trimEnd().split('\n');
    const files: [string, Buffer, RegExp][] = [
      ['cut', whole.subarray(0, whole.length - 2000), /its end is missing/],
      ['no trailer', gzipSync(`${lines.slice(0, -1).join('\n')}\n`), /its end is missing/],
      ['half line', gzipSync(text.slice(0, -20)), /its end is missing/],
      [
        'row lost',
        gzipSync(`${[...lines.slice(0, -9), ...lines.slice(-8)].join('\n')}\n`),
        /does not match its digest/,
      ],
      [
        'parent lost',
        gzipSync(`${[lines[0], ...lines.slice(2)].join('\n')}\n`),
        /rows that do not fit \(23503\)/,
      ],
      ['changed', gzipSync(text.replace('turn 7 ', 'turn 8 ')), /does not match its digest/],
      ['foreign', gzipSync('{"hello":1}\n'), /not a Turnkeep backup/],
      ['text', Buffer.from('hello'), /not a Turnkeep backup/],
      ['empty', Buffer.alloc(0), /its end is missing|not a Turnkeep backup/],
      [
        'newer',
        gzipSync(text.replace('"0001_conversations"', '"0001_conversations","9999_future"')),
        /newer Turnkeep/,
      ],
    ];
    const before = await countMessages(server.db);
    await mkdir(server.home.backups, { recursive: true });
    for (const [name, bytes, reason] of files) {
      const path = join(server.home.backups, `${name}.gz`);
      await writeFile(path, bytes);
      const restoring = server.db.restore(path, { replace: true });
      await expect(restoring, name).rejects.toMatchObject({
        name: 'TurnkeepError',
        message: expect.stringMatching(reason),
      });
      expect(await countMessages(server.db)).toBe(before);
    }
    await expect(server.db.restore('/nowhere/at.all', { replace: true })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('says what is wrong when the backup cannot be written', async () => {
    await writeFile(join(embedded.home.root, 'plain'), '');
    const target = join(embedded.home.root, 'plain', 'b.jsonl.gz');
    await expect(embedded.db.backup(target)).rejects.toMatchObject({ code: 'storage_failed' });
  });

  test('a backup while others write can be restored', async () => {
    const { db, home } = embedded;
    const busy = join(home.backups, 'busy.jsonl.gz');
    let writing = true;
    const writer = (async () => {
      while (writing) {
        const place = await newPlace(db);
        await db.write((tx) => tx.insert('conversation_messages', [message(place, 1)]));
      }
    })();
    await db.backup(busy);
    writing = false;
    await writer;
    await server.db.restore(busy, { replace: true });
    expect(await countMessages(server.db)).toBeGreaterThanOrEqual(2400);
  });
});

/** An imported conversation, and a row in each table that automatic capture has. */
async function fillEverything(db: Database): Promise<void> {
  const lines = [1, 2, 3].flatMap((turn) => [
    { role: 'user' as const, content: `Where is lighthouse number ${turn}?` },
    { role: 'assistant' as const, content: `We will use the lighthouse ${turn} in src/light.ts.` },
  ]);
  const { imported } = await importLines(
    db,
    { person: 'someone', fallback: { key: 'path:/work/light', name: 'light' } },
    lines.map((line) => ({ ...line, session: 'talk', occurrence: 1 })),
  );
  expect(imported).toBe(6);
  const first = await db.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .select(['m.message_id', 'm.turn_id', 'm.session_id', 's.project_id'])
    .executeTakeFirstOrThrow();
  const { message_id, turn_id, session_id, project_id } = first;
  const at = '2026-05-06T07:08:09.123456Z';
  await db.write(async (tx) => {
    await tx.insert('memory_pins', [
      { pin_id: 'pin', person: 'someone', message_id, session_id, pinned_until: at },
    ]);
    await tx.insert('project_aliases', [
      { alias_id: 'alias', key: 'path:/old/light', project_id, created_at: at },
    ]);
    await tx.insert('turn_refs', [
      {
        ...{ ref_id: 'ref', session_id, turn_id, created_at: at },
        ...{ provenance: 'hook', ref: 'generation:one' },
      },
    ]);
    await tx.insert('turn_tombstones', [{ tombstone_id: 'tomb', created_at: at }]);
    await tx.insert('capture_sources', [
      {
        ...{ source_id: 'source', reader: 'transcript', agent: 'codex', path: '/a/b.jsonl' },
        ...{ bytes: 5_000_000_000, modified_at: at, state: '{"z": 1.50, "a": []}', read_at: null },
      },
    ]);
    await tx.insert('capture_events', [
      {
        ...{ event_key: 'codex/stop', agent: 'codex', kind: 'stop', count: 3 },
        ...{ first_at: at, last_at: at },
      },
    ]);
    const kept = { key: 'k', created_at: at, updated_at: at };
    await tx.insert('context_entries', [
      { ...kept, entry_id: 'p', project_id, session_id: null, value: 'null', expires_at: at },
      { ...kept, entry_id: 's', project_id: null, session_id, value: '[1.50]', expires_at: null },
    ]);
    await tx.insert('evaluation_runs', [
      {
        ...{ job_id: 'job', project_id, kind: 'script', script: 'eval/run.mjs', config_file: null },
        ...{ status: 'succeeded', started_at: at, finished_at: at, timeout_sec: 60, exit_code: 0 },
        ...{ error: null, metrics: '{"precision": 0.90}', comparison: null, is_baseline: true },
        ...{ output: 'precision: 0.90', runner: 'here', process: null },
      },
    ]);
    await tx.insert('memory_vectors', [
      {
        ...{ row_id: 'row', project_id, namespace: 'notes', id: 'a', dims: 3, model: null },
        ...{ vector: 'f4EA', content: 'a text', metadata: '{"n": 1.50}' },
        ...{ created_at: at, updated_at: at },
      },
    ]);
    await tx.insert('memory_embeddings', [
      {
        ...{ message_id, session_id, project_id, model: 'small' },
        ...{ dims: 3, vector: 'f4EA', made_at: at },
      },
    ]);
    await fillModels(tx, at);
    await fillIntegrations(tx, at);
  });
}

async function fillModels(tx: WriteTransaction, at: string): Promise<void> {
  const made = { created_at: at, updated_at: at };
  const model_id = 'gpt-4-v1';
  await tx.insert('model_connections', [
    {
      ...{ connection_id: 'work', kind: 'openai', base_url: null, key_ref: 'env:KEY' },
      ...{ enabled: true, settings: '{}', state: '{"failures": 2}', ...made },
    },
  ]);
  await tx.insert('models', [
    {
      ...{ model_id, model_name: 'gpt-4', model_type: 'llm', provider: 'openai', version: 'v1' },
      ...{ parameters: '{"temperature": 0.70}', performance_metrics: '{"accuracy": 0.95}' },
      ...{ metadata: '{}', tags: '["fast"]', source: 'manual', connection_id: 'work' },
      ...{ replaces: null, is_active: true, ...made },
    },
  ]);
  await tx.insert('model_aliases', [{ alias: 'fast', model_id, updated_at: at }]);
  await tx.insert('model_events', [
    { event_id: 'event', model_id, kind: 'metrics', at, detail: '{"accuracy": 0.95}' },
  ]);
  const counts = { input_tokens: 4_000_000_000, output_tokens: 2, cost: '0.000000125' };
  await tx.insert('model_calls', [
    {
      ...{ call_id: 'call', model_id, at, origin: 'api', operation: 'chat', error_kind: null },
      ...{ duration_ms: 900, first_token_ms: null, ...counts, input_tokens: 7 },
    },
  ]);
  await tx.insert('model_rollups', [
    {
      ...{ rollup_id: 'rollup', model_id, origin: 'api', grain: 'day', starts_at: at, calls: 1 },
      ...{ errors: 0, ...counts, sums: '{"duration": [1, 2]}' },
    },
  ]);
  await tx.insert('model_thresholds', [
    {
      ...{ threshold_id: 'threshold', model_id, metric: 'latency', direction: 'ceiling' },
      ...{ threshold: 500.5, window_seconds: 3600, min_samples: 5, violated_since: at, ...made },
    },
  ]);
  await tx.insert('ai_settings', [{ setting: 'limit', value: '{"day": "2.50"}', updated_at: at }]);
  await tx.insert('ai_spending', [
    { spending_id: 'spent', day: '2026-05-06', amount: '0.25', settled: true, at },
  ]);
}

async function fillIntegrations(tx: WriteTransaction, at: string): Promise<void> {
  const made = { created_at: at, updated_at: at };
  const secrets = '[{"secret": "whsec_AAAA", "created_at": "2026-05-06", "ends_at": null}]';
  await tx.insert('integrations', [
    {
      ...{ integration_id: 'ci', name: 'CI', kind: 'http', base_url: 'https://ci.example' },
      ...{ key_ref: 'env:CI_KEY', settings: '{"timeout_ms": 30000}', policy: '{}' },
      ...{ enabled: true, state: '{"status": "healthy"}', ...made },
    },
  ]);
  await tx.insert('integration_measures', [
    {
      ...{ measure_id: 'ci 1', integration_id: 'ci', starts_at: at, requests: 3, errors: 1 },
      sums: '{"duration": [1, 2]}',
    },
  ]);
  await tx.insert('webhook_endpoints', [
    {
      ...{ endpoint_id: 'end', integration_id: 'ci', name: 'CI', url: 'https://ci.example/hook' },
      ...{ event_types: '["turn.captured"]', settings: '{}', secrets, enabled: false },
      ...{ failing_since: at, disabled_reason: 'It failed for 5 days.', ...made },
    },
  ]);
  await tx.insert('webhook_events', [
    {
      ...{ event_id: 'evt', event_type: 'turn.captured', at, project_id: null },
      ...{ session_id: null, data: '{"turn_id": "x"}' },
    },
  ]);
  await tx.insert('webhook_deliveries', [
    {
      ...{ delivery_id: 'end evt', endpoint_id: 'end', event_id: 'evt', status: 'pending' },
      ...{ attempts: 2, next_at: at, claimed_by: null, claimed_until: null },
      ...{ last_attempt: '{"status": 503}', ...made },
    },
  ]);
  await tx.insert('webhook_receivers', [
    { receiver_id: 'in', name: 'In', secrets, settings: '{}', enabled: true, ...made },
  ]);
  await tx.insert('webhook_received', [
    { received_id: 'in msg', receiver_id: 'in', at, data: '{"n": 1.50}' },
  ]);
  await tx.insert('audit_log', [
    {
      ...{ entry_id: '000000000001', at, actor: 'someone', subject: 'ci', decision: 'allowed' },
      ...{ detail: '{"host": "ci.example"}', previous: '', hash: 'abc' },
    },
  ]);
  await tx.insert('sync_peers', [
    {
      ...{ peer_id: 'team', url: 'https://team.example', key_ref: 'secret:team' },
      ...{ settings: '{}', state: '{"cursor": "1"}', enabled: true, ...made },
    },
  ]);
}

test('a scheduled backup gives the same in a fresh home, on either engine and back', async () => {
  const opened = await Promise.all([
    openEmpty('pglite'),
    openEmpty('postgres'),
    openEmpty('pglite'),
  ]);
  try {
    const [first, server, second] = opened;
    await fillEverything(first.db);
    const found = async (db: Database) => {
      const context = { project: { key: 'path:/work/light', name: 'light' } };
      const { ltst } = await queryMemory(db, { query: 'which lighthouse?' }, context);
      expect(ltst?.items.length).toBeGreaterThan(3);
      return ltst?.items;
    };
    const state = async (db: Database) => ({
      tables: await everything(db),
      lines: (await exportLines(db, {})).lines,
      found: await found(db),
    });
    const original = await state(first.db);
    expect(original.tables.map((rows) => (rows as unknown[]).length > 0)).toEqual(
      tablesInOrder.map(() => true),
    );
    let from = first;
    for (const to of [server, second]) {
      const made = await backupWhenDue(from.db, from.home.backups);
      await to.db.restore(made?.file ?? '', { replace: false });
      expect(await state(to.db)).toEqual(original);
      from = to;
    }
    const known = await findKnownProject(second.db, 'path:/old/light');
    expect(known?.name).toBe('light');
  } finally {
    for (const one of opened) await one.end();
  }
});

test('automatic backups: daily, named by time, the oldest go', async () => {
  const home = await newHome();
  const db = await openDatabase({ home, dsn: 'mock://test', env: {}, log: keepingLog() });
  try {
    const now = new Date('2026-03-01T10:00:00Z');
    expect(await backupWhenDue(db, home.backups, now)).toBeNull();
    const place = await newPlace(db);
    await db.write((tx) => tx.insert('conversation_messages', [message(place, 1)]));
    const made = await backupWhenDue(db, home.backups, now);
    expect(made?.file).toBe(join(home.backups, 'turnkeep-20260301T100000000Z.jsonl.gz'));
    await utimes(made?.file ?? '', now, now);
    expect(await newestBackupTime(home.backups)).toBe(now.toISOString());
    const own = await db.backup(join(home.backups, 'mine.bak'));
    const later = new Date('2026-03-01T11:00:00Z');
    await utimes(own.file, later, later);
    await writeFile(join(home.backups, 'notes.txt'), 'no backup');
    expect(await newestBackupTime(home.backups)).toBe(later.toISOString());
    expect(await rotateBackups(home.backups, 0)).toEqual(['turnkeep-20260301T100000000Z.jsonl.gz']);
    expect((await readdir(home.backups)).sort()).toEqual(['mine.bak', 'notes.txt']);
    await rm(own.file);
    await backupWhenDue(db, home.backups, now);
    await utimes(made?.file ?? '', now, now);
    expect(await backupWhenDue(db, home.backups, new Date('2026-03-02T09:59:00Z'))).toBeNull();
    expect(await backupWhenDue(db, home.backups, new Date('2026-03-02T10:01:00Z'))).not.toBeNull();
  } finally {
    await db.close();
    await home.remove();
  }
});

test('rotation keeps the newest automatic backups and every other file', async () => {
  const home = await newHome();
  await mkdir(home.backups);
  const names = [1, 2, 3, 4].map((day) => backupFileName(new Date(Date.UTC(2026, 0, day))));
  for (const name of [...names, 'mine.jsonl.gz', 'turnkeep-notes.txt']) {
    await writeFile(join(home.backups, name), '');
  }
  expect(await rotateBackups(home.backups, 3)).toEqual([names[0]]);
  expect((await readdir(home.backups)).sort()).toEqual(
    ['mine.jsonl.gz', ...names.slice(1), 'turnkeep-notes.txt'].sort(),
  );
  expect(await rotateBackups(join(home.root, 'absent'), 3)).toEqual([]);
  await home.remove();
});
