import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { MemoryAnswer, MemoryItem } from '../../../src/contracts/memory.ts';
import {
  chatText,
  gaveLine,
  parseBudget,
  tokensLine,
} from '../../../src/extension/memory/contextText.ts';
import {
  hitLabel,
  placesOf,
  resultsMarkdown,
  sourceOf,
  withSource,
} from '../../../src/extension/memory/hits.ts';
import { type Found, MemorySearch } from '../../../src/extension/memory/memorySearch.ts';
import { KeptPages } from '../../../src/extension/pages/keptPages.ts';

const item: MemoryItem = {
  turn_id: 't1',
  message_id: 'm1',
  session_id: 's1',
  thread_id: 'h1',
  role: 'assistant',
  content: 'The cache expires after an hour. $(trash) <img src=x>\n',
  created_at: '2026-11-02T10:00:00Z',
  score: 1,
  project: 'demo',
  provenance: 'manual',
  metadata: { model: 'gpt-5' },
};
const answer: MemoryAnswer = {
  query: 'cache',
  role: 'general',
  project: 'demo',
  systems: ['ltst'],
  ltst: { items: [item], other_halves: [], took_ms: 1 },
  bundle: 'text\n',
  tokens: 1234,
  took_ms: 2,
};

describe('a message that was found', () => {
  it('is a row that draws no icons of its own', () => {
    expect(hitLabel(item, 'cache')).toMatch(/^\$\(comment\) The cache expires/);
    expect(hitLabel(item, 'cache')).not.toContain('$(trash)');
    expect(hitLabel({ ...item, role: 'user' }, 'cache')).toMatch(/^\$\(question\) /);
  });

  it('names its project, date and role, and keeps its text', () => {
    expect(sourceOf(item)).toMatch(/^demo, 2026-11-0[123] \d\d:\d\d, answer of gpt-5, turn t1$/);
    expect(sourceOf({ ...item, role: 'user', metadata: {} })).toContain(', question, turn t1');
    expect(withSource(item)).toBe(
      `The cache expires after an hour. $(trash) <img src=x>\n\n(Source: ${sourceOf(item)})\n`,
    );
  });

  it('is safe on the page of results, and cut when it is long', () => {
    const long = { ...item, content: `\`\`\`\n${'x'.repeat(5000)}` };
    const page = resultsMarkdown('cache *x*', 'demo', [item, long]);
    expect(page).toContain('# cache \\*x\\*');
    expect(page).toContain('2 messages found in demo');
    expect(page).not.toMatch(/<img/);
    expect(page.length).toBeLessThan(3000);
    expect(page.trimEnd().endsWith('```')).toBe(true);
  });

  it('is marked where the words stand, longer words first', () => {
    expect(placesOf('in cache caches', 'Caches, cache; in')).toEqual([
      [0, 6],
      [8, 13],
    ]);
    expect(placesOf('. (', 'a. (b')).toEqual([]);
    expect(placesOf('aaa', 'aaa '.repeat(9), 4)).toHaveLength(4);
  });
});

describe('a context', () => {
  it.each([
    ['4000', 4000],
    ['4,000', 4000],
    [' 12k ', 12_000],
    ['1.5K', 1500],
    ['49', undefined],
    ['300k', undefined],
    ['many', undefined],
    ['-5', undefined],
  ])('takes the budget %j as %s', (text, budget) => {
    expect(parseBudget(text)).toBe(budget);
  });

  it('says how large it is and what it is made of', () => {
    expect(tokensLine(1234, 4000)).toBe('1,234 of 4,000 tokens');
    expect(gaveLine(answer)).toBe('1 matching message');
    const prime: MemoryAnswer['prime'] = {
      items: [{ kind: 'goal', text: 'x', evidence: ['m1'], created_at: '', score: 1 }],
      took_ms: 1,
    };
    expect(gaveLine({ ...answer, prime })).toBe('1 matching message · 1 insight');
    expect(gaveLine({ ...answer, ltst: { items: [], other_halves: [], took_ms: 0 } })).toBe(
      'nothing found',
    );
  });

  it('goes to the chat with the question below it', () => {
    expect(chatText('<a>\n</a>\n', 'Why?')).toBe('<a>\n</a>\n\nWhy?');
  });
});

describe('kept pages', () => {
  it('are read by their id; the oldest go', () => {
    const pages = new KeptPages();
    const ids = Array.from({ length: 21 }, (_, index) => pages.keep(`text ${index}`));
    expect(new Set(ids).size).toBe(21);
    expect(pages.read(ids[20] ?? '')).toBe('text 20');
    expect(() => pages.read(ids[0] ?? '')).toThrow(/Run the command again/);
  });
});

describe('search as one types', () => {
  type Call = { query: string; project?: string; signal: AbortSignal | undefined };
  function searching(reply: () => Promise<MemoryAnswer>) {
    const calls: Call[] = [];
    const found: Found[] = [];
    const server = {
      call: (_: string, input: unknown, options?: { signal?: AbortSignal }) => {
        calls.push({ ...(input as { query: string }), signal: options?.signal });
        return reply();
      },
    } as unknown as ConstructorParameters<typeof MemorySearch>[0];
    return { calls, found, search: new MemorySearch(server, (one) => found.push(one)) };
  }

  it('asks for the last words alone', async () => {
    const { calls, found, search } = searching(async () => answer);
    search.soon('ca', false);
    search.soon('cache', true);
    await sleep(300);
    expect(calls.map(({ query, project }) => [query, project])).toEqual([['cache', '*']]);
    expect(found).toEqual([{ words: 'cache', items: [item], project: 'demo' }]);
  });

  it('gives up what runs when it goes on', async () => {
    let free = () => {};
    const slow = new Promise<void>((resolve) => {
      free = resolve;
    });
    const { calls, found, search } = searching(async () => {
      await slow;
      return answer;
    });
    search.soon('first', false);
    await sleep(250);
    search.stop();
    free();
    await sleep(20);
    expect(calls[0]?.signal?.aborted).toBe(true);
    expect(found).toEqual([]);
  });

  it('tells what went wrong', async () => {
    const { found, search } = searching(() => Promise.reject(new Error('no server')));
    search.soon('x', false);
    await sleep(250);
    expect(found).toEqual([{ words: 'x', problem: 'no server' }]);
  });
});
