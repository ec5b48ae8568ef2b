import { describe, expect, it } from 'vitest';
import {
  describeItems,
  labelledParts,
  pairParts,
  withoutLabel,
} from '../../../src/extension/capture/conversation.ts';

const itemsOf = (text: string) => pairParts(labelledParts(text) ?? []);

describe('a copied conversation', () => {
  it('is split into turns, text kept as it was', () => {
    const text = 'User: first?\n\n  indented\n\nAssistant: one\n\nUser: second?\nAssistant:\ntwo\n';
    expect(itemsOf(text)).toEqual([
      { kind: 'turn', query: 'first?\n\n  indented', response: 'one' },
      { kind: 'turn', query: 'second?', response: 'two' },
    ]);
  });

  it("reads Cursor's export: title, date, rules between messages", () => {
    const text = [
      '# Fix the build',
      '_Exported on 02/11/2026 from Cursor (3.4)_',
      '',
      '---',
      '',
      '**User**',
      '',
      'Why does it fail?',
      '',
      '---',
      '',
      '**Cursor**',
      '',
      'Because of X.',
      '',
      '---',
      '',
    ].join('\n');
    expect(itemsOf(text)).toEqual([
      { kind: 'turn', query: 'Why does it fail?', response: 'Because of X.' },
    ]);
  });

  it('reads a page of ChatGPT', () => {
    expect(itemsOf('You said:\nhello\nChatGPT said:\nhi there')).toEqual([
      { kind: 'turn', query: 'hello', response: 'hi there' },
    ]);
  });

  it('keeps labels inside code fences as text', () => {
    const code = '```\nUser: not a label\nAssistant: neither\n```';
    expect(itemsOf(`User: look\n${code}\nAssistant: seen`)).toEqual([
      { kind: 'turn', query: `look\n${code}`, response: 'seen' },
    ]);
  });

  it('keeps an open question and an answer that came first', () => {
    expect(itemsOf('Assistant: a0\nUser: q1\nAssistant: a1\nUser: q2')).toEqual([
      { kind: 'response', response: 'a0' },
      { kind: 'turn', query: 'q1', response: 'a1' },
      { kind: 'query', query: 'q2' },
    ]);
  });

  it('joins messages of one role that follow each other', () => {
    expect(itemsOf('User: a\nUser: b\nAssistant: c')).toEqual([
      { kind: 'turn', query: 'a\n\nb', response: 'c' },
    ]);
  });

  it('takes text above the first answer as the question', () => {
    expect(itemsOf('What is it?\n\nAssistant: that')).toEqual([
      { kind: 'turn', query: 'What is it?', response: 'that' },
    ]);
  });

  it('is not found in a text that only mentions a role', () => {
    expect(labelledParts('Some notes.\nUser: alice\nmore')).toBeNull();
    expect(labelledParts('no labels at all')).toBeNull();
  });

  it('takes weak labels only when both sides have them', () => {
    expect(itemsOf('Q: why?\nA: because')).toEqual([
      { kind: 'turn', query: 'why?', response: 'because' },
    ]);
    expect(labelledParts('Q: why?\nno other')).toBeNull();
  });

  it('reads Windows line ends', () => {
    expect(itemsOf('User: a\r\nb\r\nAssistant: c\r\n')).toEqual([
      { kind: 'turn', query: 'a\nb', response: 'c' },
    ]);
  });
});

describe('helpers', () => {
  it('drops the label of a single message only', () => {
    expect(withoutLabel('Assistant:\nyes')).toBe('yes');
    expect(withoutLabel('plain')).toBe('plain');
    expect(withoutLabel('User: a\nAssistant: b')).toBe('User: a\nAssistant: b');
  });

  it('says what was found', () => {
    expect(
      describeItems([
        { kind: 'turn', query: 'a', response: 'b' },
        { kind: 'turn', query: 'a', response: 'b' },
        { kind: 'query', query: 'c' },
      ]),
    ).toBe('2 turns and 1 open question');
  });
});
