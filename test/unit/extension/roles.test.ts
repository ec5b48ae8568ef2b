import { describe, expect, it } from 'vitest';
import { guessRole, labelOf } from '../../../src/extension/capture/roles.ts';

describe('labelOf', () => {
  it.each([
    ['User:', 'user', ''],
    ['User: how are you?', 'user', 'how are you?'],
    ['Human: hello', 'user', 'hello'],
    ['You said:', 'user', ''],
    ['**User**', 'user', ''],
    ['**User:** text', 'user', 'text'],
    ['### User', 'user', ''],
    ['## Human:', 'user', ''],
    ['_**User (2026-11-02 10:11Z)**_', 'user', ''],
    ['ChatGPT said:', 'assistant', ''],
    ['Assistant: hi', 'assistant', 'hi'],
    ['**Cursor**', 'assistant', ''],
    ['_**Assistant**_', 'assistant', ''],
    ['GitHub Copilot: sure', 'assistant', 'sure'],
    ['claude:', 'assistant', ''],
    ['_**Assistant (claude-4.5, agent)**_', 'assistant', ''],
  ])('%s is %s', (line, role, rest) => {
    expect(labelOf(line)).toEqual({ role, rest });
  });

  it.each(['Username: x', 'The user: x', 'User', '  User: x', 'Models: a', 'You saidx:', 'A: x'])(
    '%s is no label',
    (line) => {
      expect(labelOf(line)).toBeNull();
    },
  );

  it('knows weak labels when asked', () => {
    expect(labelOf('Q: why?', true)).toEqual({ role: 'user', rest: 'why?' });
    expect(labelOf('Answer: so', true)).toEqual({ role: 'assistant', rest: 'so' });
  });
});

describe('guessRole', () => {
  it.each([
    ['How do I revert a commit?', 'user'],
    ['fix the flaky test in server.test.ts', 'user'],
    ['Please add a dark theme', 'user'],
    ["Here's the fix:\n\n```ts\nconst a = 1;\n```", 'assistant'],
    ['Sure! You need to call `close`.', 'assistant'],
    [`## Plan\n\n- one\n- two\n- three\n\n${'word '.repeat(300)}`, 'assistant'],
    ["I've updated the parser and the tests pass.", 'assistant'],
  ])('%s', (text, role) => {
    expect(guessRole(text).role).toBe(role);
  });

  it('is surer the more signs agree', () => {
    expect(guessRole('How do I do it?').certainty).toBeGreaterThan(guessRole('hm').certainty);
  });
});
