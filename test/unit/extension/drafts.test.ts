import { describe, expect, it } from 'vitest';
import {
  itemOf,
  lineToFill,
  parseDraft,
  renderDraft,
} from '../../../src/extension/drafts/draftText.ts';

const ID = 'a1b2c3';
const content = { query: '  first\n\nsecond', response: '```\n<!-- code -->\n```' };

describe('a draft', () => {
  it('gives back what was put in', () => {
    const text = renderDraft('turn', ID, content);
    expect(parseDraft('turn', ID, text)).toEqual({ ok: true, content });
    expect(parseDraft('turn', ID, text.replaceAll('\n', '\r\n'))).toEqual({ ok: true, content });
  });

  it('keeps marks of another draft as text', () => {
    const other = renderDraft('turn', 'ffffff', content).trim();
    const text = renderDraft('turn', ID, { query: other, response: 'x' });
    expect(parseDraft('turn', ID, text)).toEqual({
      ok: true,
      content: { query: other, response: 'x' },
    });
  });

  it.each([
    [{ query: '', response: 'x' }, /the question is empty/],
    [{ query: 'x', response: ' \n' }, /the answer is empty/],
    [{ query: '', response: '' }, /the question and the answer are empty/],
  ])('refuses empty parts %j', (parts, message) => {
    const parsed = parseDraft('turn', ID, renderDraft('turn', ID, parts));
    expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });

  it('says when a mark is gone', () => {
    const text = renderDraft('turn', ID, content).split('\n').slice(1).join('\n');
    expect(parseDraft('turn', ID, text)).toMatchObject({
      ok: false,
      message: expect.stringContaining('marks the question is gone'),
    });
  });

  it('has one part for a single message', () => {
    const text = renderDraft('response', ID, content);
    expect(text).not.toContain('Question:');
    expect(parseDraft('response', ID, text)).toMatchObject({ ok: true });
  });

  it('puts the cursor below the first empty part', () => {
    const empty = renderDraft('turn', ID, { query: '', response: '' });
    expect(lineToFill('turn', ID, empty)).toBe(2);
    const half = renderDraft('turn', ID, { query: 'q', response: '' });
    expect(half.split('\n')[lineToFill('turn', ID, half) - 2]).toContain('Answer:');
  });

  it('becomes the item to capture', () => {
    expect(itemOf('turn', content)).toEqual({ kind: 'turn', ...content });
    expect(itemOf('query', content)).toEqual({ kind: 'query', query: content.query });
    expect(itemOf('response', content)).toEqual({ kind: 'response', response: content.response });
  });
});
