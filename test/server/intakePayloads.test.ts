import { describe, expect, it } from 'vitest';
import type { Agent } from '../../src/contracts/observed.ts';
import { observe } from '../../src/server/capture/intake/payloads/observe.ts';
import { Repeats } from '../../src/server/capture/intake/repeats.ts';
import { hookFile } from '../support/hooks.ts';

const at = '2026-03-04T05:06:07.000Z';
type More = { id?: string; env?: Record<string, string>; cwd?: string };
const seen = (agent: Agent, payload: unknown, more: More = {}) =>
  observe(hookFile(agent, payload, { at, id: 'e', ...more }).entry);

describe('Cursor', () => {
  const common = { conversation_id: 'c', generation_id: 'g', model: 'm', workspace_roots: ['/w'] };

  it('names the turn by its generation and takes what the payload has', () => {
    const prompt = seen('cursor', {
      ...common,
      hook_event_name: 'beforeSubmitPrompt',
      prompt: 'Hi',
      attachments: [{ type: 'file', file_path: 'a.ts' }, null],
    });
    expect(prompt).toMatchObject({
      conversation: 'c',
      folders: ['/w'],
      turn: {
        refs: ['generation:g', 'event:e'],
        prompt: { text: 'Hi', at },
        facts: { model: 'm' },
        metadata: { attachments: ['a.ts'] },
      },
      end: null,
    });
    const answer = seen('cursor', {
      ...common,
      hook_event_name: 'afterAgentResponse',
      text: 'Hello',
      input_tokens: 3,
      cache_write_tokens: 5.2,
      output_tokens: 'many',
    });
    expect(answer.turn).toMatchObject({ answers: [{ text: 'Hello', at }], status: 'open' });
    expect(answer.turn?.facts).toEqual({ model: 'm', input_tokens: 3, cache_write_tokens: 5 });
  });

  it.each([
    ['completed', 'complete'],
    ['aborted', 'aborted'],
    ['error', 'failed'],
    ['toString', 'complete'],
  ])('stop with %s is %s and has the transcript read', (status, expected) => {
    const payload = { ...common, hook_event_name: 'stop', status, transcript_path: '/t.jsonl' };
    const { turn, end } = seen('cursor', payload);
    expect(turn).toMatchObject({ status: expected, prompt: null, answers: [] });
    expect(end).toEqual({ transcript: '/t.jsonl', answer: null });
  });

  it('counts thoughts, sessions and events that are not known, and stores nothing of them', () => {
    for (const kind of ['afterAgentThought', 'sessionStart', 'sessionEnd', 'preCompact', 'newer']) {
      const { turn, end, ...rest } = seen('cursor', {
        ...common,
        hook_event_name: kind,
        text: 'x',
      });
      expect([turn, end, rest.kind]).toEqual([null, null, kind]);
    }
    expect(seen('cursor', { ...common, hook_event_name: 'no name\n' }).kind).toBe('other');
  });

  it('takes no folder from the hook of the person, which runs elsewhere', () => {
    const payload = { ...common, workspace_roots: [], hook_event_name: 'stop' };
    expect(seen('cursor', payload, { cwd: '/home/x/.cursor' }).folders).toEqual([null]);
    expect(seen('cursor', payload, { cwd: '/w2' }).folders).toEqual(['/w2']);
  });

  it('yields to its own hooks where it runs those of Claude Code', () => {
    const payload = { session_id: 's', hook_event_name: 'Stop', last_assistant_message: 'x' };
    const { agent, turn } = seen('claude-code', payload, { env: { CURSOR_VERSION: '3.1' } });
    expect([agent, turn]).toEqual(['cursor', null]);
  });
});

describe('the others', () => {
  it('Claude Code names the turn by prompt_id, or by its order alone', () => {
    const payload = {
      session_id: 's',
      hook_event_name: 'UserPromptSubmit',
      prompt: 'Hi',
      cwd: '/w',
    };
    expect(seen('claude-code', payload).turn?.refs).toEqual(['event:e']);
    expect(seen('claude-code', { ...payload, prompt_id: 'p' }).turn?.refs).toEqual([
      'prompt:p',
      'event:e',
    ]);
    const stop = { session_id: 's', hook_event_name: 'Stop', last_assistant_message: 'Hello' };
    expect(seen('claude-code', stop)).toMatchObject({
      turn: { answers: [{ text: 'Hello', at }], status: 'complete' },
      end: { answer: 'Hello', transcript: null },
    });
    expect(seen('claude-code', { ...stop, hook_event_name: 'SubagentStop' }).turn).toBeNull();
  });

  it.each([
    { sessionId: 's', hookEventName: 'UserPromptSubmit', prompt: 'Hi' },
    { session_id: 's', hook_event_name: 'UserPromptSubmit', prompt: 'Hi' },
    { sessionId: 's', prompt: 'Hi', timestamp: 1 },
  ])('VS Code and Copilot CLI: %j', (payload) => {
    for (const agent of ['vscode', 'copilot-cli'] as const) {
      expect(seen(agent, payload)).toMatchObject({
        agent,
        kind: 'UserPromptSubmit',
        conversation: 's',
        turn: { prompt: { text: 'Hi' } },
      });
    }
  });

  it('tells VS Code, Copilot CLI and Claude Code apart in a file that all of them run', () => {
    const stop = { session_id: 's', hook_event_name: 'Stop' };
    const by = (transcript_path: string) => seen('claude-code', { ...stop, transcript_path }).agent;
    expect(by('/h/.copilot/session-state/s/events.jsonl')).toBe('copilot-cli');
    expect(by('C:\\u\\workspaceStorage\\x\\GitHub.copilot-chat\\transcripts\\s.jsonl')).toBe(
      'vscode',
    );
    expect(by('/h/.claude/projects/-w/s.jsonl')).toBe('claude-code');
    expect(seen('claude-code', { sessionId: 's', hookEventName: 'Stop' }).agent).toBe('vscode');
  });

  it('Gemini CLI gives the whole turn at its end', () => {
    const payload = { session_id: 's', hook_event_name: 'AfterAgent', prompt: 'Hi' };
    expect(seen('gemini-cli', { ...payload, prompt_response: 'Hello' }).turn).toMatchObject({
      prompt: { text: 'Hi' },
      answers: [{ text: 'Hello' }],
      status: 'complete',
    });
  });

  it.each<[Agent, unknown, string]>([
    ['cursor', 'no JSON {', 'not JSON'],
    ['cursor', '[1]', 'no JSON object'],
    ['cursor', { conversation_id: 'c' }, 'names no event'],
    ['cursor', { hook_event_name: 'stop' }, 'names no conversation'],
    ['claude-code', { hook_event_name: 'Stop', session_id: '  ' }, 'names no conversation'],
    ['vscode', { hookEventName: 'Stop' }, 'names no conversation'],
    ['gemini-cli', { hook_event_name: 'AfterAgent', prompt: 'x' }, 'names no conversation'],
    ['codex', { hook_event_name: 'x' }, 'no hooks of codex'],
  ])('%s %j cannot be understood', (agent, payload, reason) => {
    expect(() => seen(agent, payload)).toThrow(reason);
  });

  it('takes byte order marks, and ids of any kind', () => {
    expect(
      seen('cursor', '\uFEFF\uFEFF{"hook_event_name":"stop","conversation_id":7}'),
    ).toMatchObject({ conversation: '7' });
    const odd = {
      hook_event_name: 'stop',
      conversation_id: 'a\u0000b',
      generation_id: 'x'.repeat(999),
    };
    const { conversation, turn } = seen('cursor', odd);
    expect(conversation).toMatch(/^sha256:[0-9a-f]{32}$/);
    expect(turn?.refs[0]).toMatch(/^generation:sha256:/);
  });

  it('refuses a time that cannot be stored', () => {
    const { entry } = hookFile('cursor', { hook_event_name: 'stop', conversation_id: 'c' });
    expect(() => observe({ ...entry, created_at: '+123456-01-01T00:00:00Z' })).toThrow('no time');
  });
});

describe('events that come twice', () => {
  const event = (id: string, seconds: number, prompt = 'Hi') => ({
    event: id,
    at: new Date(Date.parse(at) + seconds * 1000).toISOString(),
    observation: seen(
      'claude-code',
      { session_id: 's', hook_event_name: 'UserPromptSubmit', prompt },
      { id },
    ),
  });

  it('within seconds are one, whichever batch they come in', () => {
    const repeats = new Repeats();
    const first = repeats.begin();
    expect([first.add(event('a', 0)), first.add(event('b', 1))]).toEqual([false, true]);
    first.keep();
    const second = repeats.begin();
    expect(second.add(event('c', 2))).toBe(true);
    expect(second.add(event('a', 0))).toBe(false);
    expect(second.add(event('d', 2, 'Ho'))).toBe(false);
    expect(second.add(event('e', 60))).toBe(false);
  });

  it('in a batch that was not stored are new', () => {
    const repeats = new Repeats();
    repeats.begin().add(event('a', 0));
    expect(repeats.begin().add(event('b', 1))).toBe(false);
  });
});
