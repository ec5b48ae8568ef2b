import { describe, expect, it } from 'vitest';
import type { HookState } from '../../../src/client/hooks/status.ts';
import type { AgentHealth, CaptureHealth } from '../../../src/contracts/capture.ts';
import { type CaptureInput, captureRows } from '../../../src/extension/views/agentRows.ts';

const now = new Date().toISOString();
const blank: AgentHealth = {
  agent: 'cursor',
  found: true,
  watched: false,
  events: [],
  turns: {},
  last_turn_at: null,
  findings: [],
};
const busy: AgentHealth = {
  ...blank,
  watched: true,
  events: [{ kind: 'afterAgentResponse', count: 1200, last_at: now }],
  turns: { hook: 1199, transcript: 3 },
  last_turn_at: now,
};
const health: CaptureHealth = {
  paused: false,
  spool: { waiting: 0, dead: 0 },
  agents: [busy, { ...blank, agent: 'codex', found: false }],
  findings: [],
};
const hook: HookState = {
  agent: 'cursor',
  scope: 'user',
  file: '/me/.cursor/hooks.json',
  installed: 'current',
  detail: 'stop',
};
const input = (more: Partial<CaptureInput> = {}): CaptureInput => ({
  health,
  hooks: [hook],
  ...more,
});
const withFinding = (code: AgentHealth['findings'][number]['code']): CaptureInput => {
  const finding = { code, message: 'What is wrong.', mend: 'What to do.' };
  return input({ health: { ...health, agents: [{ ...busy, findings: [finding] }] } });
};
const row = (given: CaptureInput, id: string) => {
  const found = captureRows(given).find((one) => one.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
};
const commands = (given: CaptureInput, id: string) => {
  return row(given, id).fixes.map(({ command }) => command);
};

describe('rows of automatic capture', () => {
  it('are one for the whole and one for each agent with a trace', () => {
    expect(captureRows(input()).map(({ id, health: state }) => [id, state])).toEqual([
      ['capture', 'ok'],
      ['agent-cursor', 'ok'],
    ]);
    expect(row(input(), 'capture').description).toBe('on for 1 agent');
    const cursor = row(input(), 'agent-cursor');
    expect(cursor).toMatchObject({
      label: 'Capture in Cursor',
      description: 'just now · 1,202 turns',
    });
    expect(cursor.details.join('\n')).toContain('1,199 by hook, 3 by transcript');
    expect(cursor.details.join('\n')).toContain('Event afterAgentResponse: 1,200, last just now');
    expect(cursor.details.join('\n')).toContain('in place (/me/.cursor/hooks.json)');
  });

  it('offer to turn on what was found and is off', () => {
    const off = input({ hooks: [], health: { ...health, agents: [blank] } });
    expect(row(off, 'capture')).toMatchObject({ health: 'off', description: 'not turned on' });
    expect(row(off, 'agent-cursor')).toMatchObject({ health: 'off', description: 'not turned on' });
    expect(commands(off, 'agent-cursor')[0]).toBe('turnkeep.turnOnCapture');
    expect(commands(off, 'capture')).not.toContain('turnkeep.turnOffCapture');
  });

  it('say that it is on before the first event', () => {
    const quiet = input({ health: { ...health, agents: [blank] } });
    expect(row(quiet, 'agent-cursor')).toMatchObject({
      health: 'ok',
      description: 'on, nothing yet',
    });
  });

  it.each([
    ['broken', 'error', 'hooks broken'],
    ['outdated', 'warning', 'hooks of another version'],
  ] as const)('show hooks that are %s, with their mend', (installed, state, description) => {
    const given = input({ hooks: [{ ...hook, installed, detail: 'gone, line 3' }] });
    expect(row(given, 'agent-cursor').health).toBe(state);
    expect(row(given, 'agent-cursor').description).toBe(`${description} · 1,202 turns`);
    expect(row(given, 'agent-cursor').details.join()).toContain('gone, line 3');
    expect(commands(given, 'agent-cursor')[0]).toBe('turnkeep.turnOnCapture');
  });

  it.each([
    ['prompts_without_answers', 'turnkeep.turnOnCapture'],
    ['transcript_without_events', 'turnkeep.turnOnCapture'],
    ['dead_letters', 'turnkeep.showDeadLetters'],
    ['spool_waiting', 'turnkeep.showLog'],
    ['paused', 'turnkeep.resumeCapture'],
    ['source_not_understood', 'turnkeep.importHistory'],
    ['source_unreadable', 'turnkeep.showLog'],
    ['settings_malformed', 'turnkeep.openCaptureSettings'],
  ] as const)('show the finding %s and what mends it', (code, command) => {
    const cursor = row(withFinding(code), 'agent-cursor');
    expect(cursor.health).toBe('warning');
    expect(cursor.details.slice(-2)).toEqual(['What is wrong.', '→ What to do.']);
    expect(cursor.fixes[0]?.command).toBe(command);
    const titles = cursor.fixes.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('show the pause everywhere, and how to end it', () => {
    const finding = { code: 'paused', message: 'Paused.', mend: 'Resume.' } as const;
    const paused = input({ health: { ...health, paused: true, findings: [finding] } });
    expect(row(paused, 'capture')).toMatchObject({ health: 'warning', description: 'paused' });
    expect(row(paused, 'agent-cursor').description).toBe('paused · 1,202 turns');
    expect(commands(paused, 'capture')).not.toContain('turnkeep.pauseCapture');
    for (const id of ['capture', 'agent-cursor']) {
      expect(commands(paused, id)).toContain('turnkeep.resumeCapture');
    }
  });

  it('tell what is known without a server, and what went wrong', () => {
    const asleep = input({ health: undefined });
    expect(captureRows(asleep)).toHaveLength(1);
    expect(row(asleep, 'capture').health).toBe('off');
    expect(row(asleep, 'capture').details.join()).toContain('Hooks of Cursor');
    const failed = input({ health: undefined, problem: 'No answer.' });
    expect(row(failed, 'capture').health).toBe('error');
    expect(row(failed, 'capture').details.join()).toContain('Last error: No answer.');
  });
});
