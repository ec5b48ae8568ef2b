import { describe, expect, it } from 'vitest';
import { isRefusal, TurnkeepError } from '../../../src/contracts/errors.ts';
import { homeLayout } from '../../../src/contracts/home.ts';
import type { ServerStatus } from '../../../src/contracts/server.ts';
import { itemFrom, returnOf } from '../../../src/extension/commands/captureArguments.ts';
import { checkDsn } from '../../../src/extension/commands/dsn.ts';
import { editorKind } from '../../../src/extension/hosts/editor.ts';
import { mcpCommand } from '../../../src/extension/hosts/mcpCommand.ts';
import { needsPerson, problemOf, retryDelay } from '../../../src/extension/problem.ts';
import {
  type IntegrationInput,
  integrationRows,
  startFixes,
} from '../../../src/extension/views/integrationRows.ts';

const discovery = { pid: 1, url: 'http://127.0.0.1:3000', version: '0.1.0', started_at: 'x' };
const status: ServerStatus = {
  pid: 1,
  url: discovery.url,
  home: '/h',
  started_at: new Date().toISOString(),
  idle_exit_minutes: 15,
  health: {
    status: 'ok',
    timestamp: '',
    service: 'turnkeep',
    version: '0.1.0',
    uptime: 1,
    error_rate: 0,
    database_status: 'ok',
    memory_usage: 1024 * 1024 * 100,
    request_count: 3,
    spool: { waiting: 0, dead: 0 },
  },
  database: {
    engine: 'pglite',
    state: 'ok',
    version: '18',
    location: '/h/data',
    latency_ms: 0.4,
    size_bytes: 1000,
    migrations: { applied: [], pending: [] },
    drift: [],
    journal: null,
    last_backup: null,
    error: null,
  },
};
const off = { registered: 'none', isThisEditor: false } as const;
const good: IntegrationInput = {
  state: { kind: 'connected', discovery },
  status,
  latencyMs: 3.4,
  wantsPostgres: false,
  spool: { waiting: 0, dead: 0 },
  mcp: {
    vscode: { registered: 'api', isThisEditor: true, probe: { tookMs: 210, tools: 7 } },
    cursor: off,
  },
  capture: { hooks: [] },
};
const row = (input: IntegrationInput, id: string) => {
  const found = integrationRows(input).find((one) => one.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};

describe('integrations', () => {
  it('shows state and latency, and a fix on every row', () => {
    const rows = integrationRows(good);
    expect(rows.map(({ id, health }) => [id, health])).toEqual([
      ['server', 'ok'],
      ['database', 'ok'],
      ['spool', 'ok'],
      ['mcp-vscode', 'ok'],
      ['mcp-cursor', 'off'],
      ['capture', 'off'],
    ]);
    expect(rows.every(({ fixes }) => fixes.length > 0)).toBe(true);
    expect(row(good, 'server').description).toBe('running · 3 ms · v0.1.0');
    expect(row(good, 'mcp-vscode').description).toBe('registered · 210 ms');
  });

  it("offers the server's own mend", () => {
    const problem = { code: 'data_version_mismatch', message: 'Another PostgreSQL.' };
    const down = row({ ...good, status: undefined, state: { kind: 'down', problem } }, 'server');
    expect(down).toMatchObject({ health: 'error', description: 'not running' });
    expect(down.details.join()).toContain('Another PostgreSQL.');
    expect(down.fixes[0]?.command).toBe('turnkeep.setDataAside');
    expect(startFixes('remote_database_refused')[0]?.command).toBe('turnkeep.setDatabase');
  });

  it('warns when the server runs without the PostgreSQL that is set', () => {
    expect(row({ ...good, wantsPostgres: true }, 'database').health).toBe('warning');
  });

  it('shows what the spool refused, an MCP server that does not start, a malformed file', () => {
    expect(row({ ...good, spool: { waiting: 1, dead: 2 } }, 'spool')).toMatchObject({
      health: 'warning',
      description: '1 capture waiting · 2 dead letters',
    });
    const broken = { ...good.mcp.vscode, probe: { error: 'spawn ENOENT' } };
    expect(row({ ...good, mcp: { ...good.mcp, vscode: broken } }, 'mcp-vscode')).toMatchObject({
      health: 'error',
      description: 'does not start',
    });
    const bad = { ...off, problem: 'line 3' };
    expect(row({ ...good, mcp: { ...good.mcp, cursor: bad } }, 'mcp-cursor').health).toBe('error');
  });
});

describe('arguments of the capture commands', () => {
  it('are read, and refused with what is missing', () => {
    expect(itemFrom('turn', { query: 'a', response: 'b', metadata: { x: 1 } })).toEqual({
      kind: 'turn',
      query: 'a',
      response: 'b',
      metadata: { x: 1 },
    });
    expect(itemFrom('turn', undefined)).toBeUndefined();
    expect(itemFrom('turn', { scheme: 'file', path: '/x' })).toBeUndefined();
    expect(() => itemFrom('turn', { query: 'a' })).toThrow(/"response"/);
    expect(() => itemFrom('query', { query: ' ' })).toThrow(/"query"/);
    expect(() => itemFrom('query', { query: 'a', metadata: [1] })).toThrow(/metadata/);
  });
  it('come back as ids', () => {
    expect(returnOf(undefined)).toEqual({ stored: false });
    const stored = { stored: true, kind: 'turn', turn_id: 't', session_id: 's', thread_id: 'h' };
    expect(returnOf({ ...stored, stored: true, kind: 'turn' })).toEqual({
      stored: true,
      turn_id: 't',
      session_id: 's',
      thread_id: 'h',
    });
  });
});

describe('connections', () => {
  it.each([
    ['', 'embedded'],
    ['mock://test', 'local'],
    ['postgresql://u:p@localhost/db', 'local'],
    ['postgres:///db?host=/var/run/postgresql', 'local'],
    ['postgresql://u:p@db.example.com/x', 'remote'],
    ['mysql://x', 'wrong'],
    ['postgresql://u:p@[bad/x', 'wrong'],
  ])('%s is %s', (dsn, kind) => {
    const checked = checkDsn(dsn);
    expect(checked.kind).toBe(kind);
    expect(JSON.stringify(checked)).not.toContain('u:p');
  });
});

describe('problems', () => {
  it('are told by shape, for errors of another bundle', () => {
    expect(problemOf(new TurnkeepError('conflict', 'no'))).toEqual({
      code: 'conflict',
      message: 'no',
    });
    expect(problemOf('text')).toEqual({ code: 'internal_error', message: 'text' });
    expect(isRefusal('message_too_large')).toBe(true);
    expect(isRefusal('internal_error')).toBe(false);
    expect(needsPerson({ code: 'data_version_mismatch', message: '' })).toBe(true);
  });
  it('are retried ever more slowly', () => {
    expect([1, 2, 3, 20].map(retryDelay)).toEqual([5000, 10000, 20000, 300000]);
  });
});

describe('editors', () => {
  it('are told apart', () => {
    expect(editorKind({ appName: 'Cursor', uriScheme: 'cursor' })).toBe('cursor');
    expect(editorKind({ appName: 'Visual Studio Code', uriScheme: 'vscode' })).toBe('vscode');
    expect(editorKind({ appName: 'code-server', uriScheme: 'code-oss' })).toBe('vscode');
  });
  it("start the MCP server by the editor's own Node", () => {
    const found = mcpCommand('/ext', homeLayout({ TURNKEEP_HOME: '/h' }), '/w');
    expect(found.command).toBe(process.execPath);
    expect(found.args.at(-1)).toBe('mcp');
    expect(found.env).toMatchObject({ ELECTRON_RUN_AS_NODE: '1', TURNKEEP_PROJECT: '/w' });
  });
});
