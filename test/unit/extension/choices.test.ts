import { describe, expect, it } from 'vitest';
import { draftParts, turnChoices, typedText } from '../../../src/extension/capture/choices.ts';

const question = 'How do I revert a commit?';
const answer = "Here's how:\n\n```sh\ngit revert HEAD\n```";

describe('turnChoices', () => {
  it('offers nothing but an empty draft without text', () => {
    expect(turnChoices({ selection: '', clipboard: ' \n' })).toEqual([
      { kind: 'draft', parts: { query: '', response: '' } },
    ]);
  });

  it('offers a conversation of the selection before that of the clipboard', () => {
    const clipboard = `User: ${question}\nAssistant: x`;
    const [first, second] = turnChoices({ selection: 'User: a\nAssistant: b', clipboard });
    expect(first).toMatchObject({ kind: 'items', from: 'selection' });
    expect(second).toMatchObject({ kind: 'items', from: 'clipboard' });
  });

  it('pairs a question on the clipboard with a selected answer', () => {
    expect(turnChoices({ selection: answer, clipboard: question })[0]).toEqual({
      kind: 'items',
      from: 'both',
      items: [{ kind: 'turn', query: question, response: answer }],
    });
  });
});

describe('draftParts', () => {
  it('puts a lone text where it looks to belong', () => {
    expect(draftParts({ selection: '', clipboard: answer })).toEqual({
      query: '',
      response: answer,
    });
    expect(draftParts({ selection: question, clipboard: question })).toEqual({
      query: question,
      response: '',
    });
  });

  it('follows a label over looks, and drops it', () => {
    expect(draftParts({ selection: 'Assistant: really?', clipboard: '' })).toEqual({
      query: '',
      response: 'really?',
    });
  });
});

describe('typedText', () => {
  it('takes the clipboard when the box holds it folded to one line', () => {
    expect(typedText('a b c', 'a\n  b\nc')).toBe('a\n  b\nc');
  });
  it('takes what was typed otherwise', () => {
    expect(typedText('a b', 'a b')).toBe('a b');
    expect(typedText('other', 'a\nb')).toBe('other');
  });
});
