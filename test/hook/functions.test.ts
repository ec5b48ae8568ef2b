import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeLayout } from '../../src/contracts/home.ts';
import { AGENTS } from '../../src/contracts/observed.ts';
import { isDoubled, whoseEvent } from '../../src/hook/agent.ts';
import { mayCapture } from '../../src/hook/allowance.ts';
import { type Fields, fieldsOf } from '../../src/hook/fields.ts';
import { decodeInput } from '../../src/hook/input.ts';
import { spoolEvent, tellingEnvironment } from '../../src/hook/spool.ts';
import { makeHome, removeHome } from '../support/server.ts';
import { spooled } from './run.ts';

let home: string;
beforeAll(async () => {
  home = await makeHome();
});
afterAll(() => removeHome(home));

describe('decodeInput', () => {
  const text = '{"prompt":"grüße 🌍"}';
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['three marks', Buffer.from(`\uFEFF\uFEFF\uFEFF${text}`)],
    ['a mark that was encoded twice', Buffer.from(`\u00EF\u00BB\u00BF${text}`)],
    ['UTF-16 with its mark', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 without one', Buffer.from(text, 'utf16le')],
    ['UTF-16, the other way round', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ])('reads %s', (_what, bytes) => {
    expect(decodeInput(bytes)).toBe(text);
  });

  it('keeps marks inside, and takes any bytes', () => {
    expect(decodeInput(Buffer.from('{"a":"\uFEFF"}'))).toBe('{"a":"\uFEFF"}');
    expect(decodeInput(Buffer.from([0xfe, 0xff, 0x00]))).toBe('');
    expect(decodeInput(Buffer.from([0xc3, 0x28, 0xff]))).toContain('\uFFFD');
  });
});

describe('whoseEvent', () => {
  const who = (argument: string | undefined, fields: Fields, env: NodeJS.ProcessEnv = {}) =>
    whoseEvent(argument, fields, env).agent;

  it('goes by the argument where an agent has a file of its own', () => {
    for (const agent of ['cursor', 'gemini-cli', 'codex'] as const)
      expect(who(agent, {})).toBe(agent);
    const claude = { session_id: 's', transcript_path: '/h/.claude/projects/x/s.jsonl' };
    expect(who('claude-code', claude)).toBe('claude-code');
    expect(who('claude-code', {})).toBe('claude-code');
  });

  it('tells VS Code from Copilot CLI, which share a file', () => {
    const chat = 'C:\\u\\workspaceStorage\\a\\GitHub.copilot-chat\\transcripts\\s.jsonl';
    expect(who('vscode', { session_id: 's', transcript_path: chat })).toBe('vscode');
    expect(who('vscode', { sessionId: 's', hookEventName: 'Stop' })).toBe('vscode');
    expect(who('vscode', { session_id: 's' }, { VSCODE_PID: '1' })).toBe('vscode');
    const events = '/h/.copilot/session-state/s/events.jsonl';
    expect(who('vscode', { session_id: 's', transcript_path: events })).toBe('copilot-cli');
    expect(who('vscode', { session_id: 's', hook_event_name: 'Stop' })).toBe('copilot-cli');
    expect(who('claude-code', { session_id: 's', transcript_path: events })).toBe('copilot-cli');
  });

  it('guesses without an argument', () => {
    expect(who(undefined, {}, { CURSOR_VERSION: '1' })).toBe('cursor');
    expect(who('', { generation_id: 'g' })).toBe('cursor');
    expect(who(undefined, { hook_event_name: 'AfterAgent' })).toBe('gemini-cli');
    expect(who(undefined, { hookEventName: 'Stop' })).toBe('vscode');
    expect(who(undefined, { session_id: 's' })).toBe('claude-code');
  });
});

describe('tellingEnvironment', () => {
  it('keeps a fixed list of names, cut to a sensible length', () => {
    const kept = tellingEnvironment({
      CURSOR_VERSION: '3',
      VSCODE_PID: '',
      COPILOT_HOME: 'x'.repeat(5000),
      COPILOT_TOKEN: 'secret',
      PATH: '/bin',
    });
    expect(kept).toEqual({ CURSOR_VERSION: '3', COPILOT_HOME: 'x'.repeat(1000) });
  });
});

describe('payloads of chance', () => {
  it('end in one valid entry each', async () => {
    const layout = homeLayout({ TURNKEEP_HOME: join(home, 'fuzz') });
    await mkdir(layout.root);
    const names = ['cwd', 'workspace_roots', 'transcript_path', 'session_id', 'hookEventName'];
    const fields = fc.dictionary(fc.constantFrom(...names), fc.jsonValue());
    const payload = fc.oneof(
      fields.map((value) => Buffer.from(JSON.stringify(value))),
      fc.json().map((value) => Buffer.from(value)),
      fc.string({ unit: 'binary' }).map((value) => Buffer.from(value, 'utf16le')),
      fc.uint8Array().map((value) => Buffer.from(value)),
    );
    const argument = fc.option(fc.oneof(fc.constantFrom(...AGENTS), fc.string()), {
      nil: undefined,
    });
    const excluded = { paused: false, agents: [], folders: [join(home, 'secret')] };
    let runs = 0;
    fc.assert(
      fc.property(payload, argument, (bytes, given) => {
        const text = decodeInput(bytes);
        const seen = fieldsOf(text);
        const { agent, borrowed } = whoseEvent(given, seen, {});
        expect(AGENTS).toContain(agent);
        expect(typeof isDoubled(given, seen, {}, borrowed)).toBe('boolean');
        expect(typeof mayCapture(excluded, agent, seen, {})).toBe('boolean');
        spoolEvent(layout, agent, text, {});
        runs += 1;
      }),
      { numRuns: 300 },
    );
    expect(await spooled(layout.root)).toHaveLength(runs);
  });
});
