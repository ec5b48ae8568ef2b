import { describe, expect, it } from 'vitest';
import type { ObservedConversation, ObservedTurn } from '../../src/contracts/observed.ts';
import { holdsEnd } from '../../src/server/capture/reconcile/expected.ts';

const turn = (prompt: string, answer: string, status: ObservedTurn['status'] = 'complete') => ({
  ...{ refs: [], status, facts: {}, parent: null, metadata: {} },
  prompt: { text: prompt, at: null },
  answers: answer === '' ? [] : answer.split('|').map((text) => ({ text, at: null })),
});
const told = (...turns: ObservedTurn[]): ObservedConversation => ({
  ...{ agent: 'vscode', route: 'transcript', conversation: 'c', title: null, cwd: null },
  ...{ project: null, whole: true, turns },
});

describe('whether a transcript holds the end of a turn', () => {
  it('goes by the answer where a hook knew it', () => {
    const conversation = told(turn('One?', 'I look.|It  is\none.'), turn('Two?', ''));
    expect(holdsEnd(conversation, { prompt: 'other', answer: 'It is one.' })).toBe(true);
    expect(holdsEnd(conversation, { prompt: 'One?', answer: 'It is two.' })).toBe(false);
  });

  it('looks for a short answer at the end alone, for a long one everywhere', () => {
    const long = 'An answer that is long enough to come but once in a conversation.';
    const later = ['a', 'b', 'c'].map((name) => turn(name, name.repeat(9)));
    const conversation = told(turn('One?', `Done.|${long}`), ...later);
    expect(holdsEnd(conversation, { prompt: null, answer: 'Done.' })).toBe(false);
    expect(holdsEnd(conversation, { prompt: null, answer: long })).toBe(true);
  });

  it('goes by the prompt else, which must be answered to its end', () => {
    const expected = { prompt: 'Two?', answer: null };
    expect(holdsEnd(told(turn('One?', 'One.')), expected)).toBe(false);
    expect(holdsEnd(told(turn('Two?', '')), expected)).toBe(false);
    expect(holdsEnd(told(turn('Two?', 'Two', 'open')), expected)).toBe(false);
    expect(holdsEnd(told(turn('Two?', 'Two.')), expected)).toBe(true);
  });

  it('cannot be told when no hook said anything', () => {
    expect(holdsEnd(told(turn('One?', 'One.')), { prompt: null, answer: null })).toBeNull();
  });
});
