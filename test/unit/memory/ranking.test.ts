import { describe, expect, it } from 'vitest';
import { planTerms } from '../../../src/server/memory/search/plan.ts';
import type { Postings } from '../../../src/server/memory/search/postings.ts';
import { readQuestion } from '../../../src/server/memory/search/question.ts';
import { bestPlaces } from '../../../src/server/memory/search/structure.ts';
import { allParts, weights } from '../../../src/server/memory/search/weights.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
type Held = { position: number; asks?: boolean; often?: boolean };

/** A word of this weight that messages of one session hold. */
function term(weight: number, ...held: Held[]) {
  const exact: Postings = {
    count: held.length,
    session: Float64Array.from(held, () => 1),
    position: Int32Array.from(held, ({ position }) => position),
    day: new Int16Array(held.length),
    length: Int16Array.from(held, () => 10),
    asks: Uint8Array.from(held, ({ asks }) => Number(asks ?? false)),
    often: Uint8Array.from(held, ({ often }) => Number(often ?? false)),
  };
  return { weight, exact, similar: [] };
}

function ranked(terms: ReturnType<typeof term>[], parts = allParts) {
  return bestPlaces(terms, {
    ...{ averageLength: 10, weights, parts },
    ...{ count: 100, timeScore: () => 0 },
  })
    .map((c) => ({ ...c, total: c.words + c.neighbours + c.meaning + c.sessionScore }))
    .sort((a, b) => b.total - a.total);
}

describe('bestPlaces', () => {
  it('prefers a place where different words come together to one where a word comes often', () => {
    const [best] = ranked([
      term(1, { position: 1, often: true }, { position: 20 }),
      term(1, { position: 21 }),
    ]);
    expect([20, 21]).toContain(best?.position);
  });

  it('gives the answer of a matching question more than the turn before it', () => {
    const places = ranked([term(1, { position: 5, asks: true })]);
    const score = (position: number) => places.find((p) => p.position === position)?.total ?? 0;
    expect(score(6)).toBeGreaterThan(score(4));
    expect(places.some((p) => p.position === 9)).toBe(false);
  });

  it('stays with the matching messages when neighbours are off', () => {
    expect(ranked([term(1, { position: 5 })], { ...allParts, neighbours: false })).toHaveLength(1);
  });

  it('has nothing for nothing', () => {
    expect(ranked([])).toEqual([]);
  });
});

describe('planTerms', () => {
  const question = readQuestion('where is the rare word of the common project', NOW);
  const wanted = question.terms.map(({ term: name }) => ({ term: name, similar: [] }));
  const plan = (of: Record<string, number>, budget: number) =>
    planTerms(
      question,
      wanted,
      { messages: 1000, averageLength: 10, of: new Map(Object.entries(of)) },
      weights,
      budget,
    );

  it('looks for the rarest words first and leaves out what is too common', () => {
    const { fetched, terms } = plan({ rare: 3, word: 40, common: 30, project: 900 }, 100);
    expect(fetched).toEqual(['rare', 'common', 'word']);
    expect(terms.find((t) => t.term === 'project')?.common).toBe(true);
  });

  it('looks for the rarest word however common it is', () => {
    expect(plan({ project: 900 }, 100).fetched).toEqual(['project']);
  });
});

describe('readQuestion', () => {
  it('knows what is asked for', () => {
    expect(readQuestion('When did we move to pnpm?', NOW).asksWhen).toBe(true);
    expect(readQuestion('how many retries did you suggest', NOW)).toMatchObject({
      asksHowMany: true,
      saidBy: 'assistant',
    });
    expect(readQuestion('What did I say about logs last week?', NOW)).toMatchObject({
      saidBy: 'user',
    });
  });

  it('marks names and the words of a time', () => {
    const { terms } = readQuestion('What did Maria cook in March 2025?', NOW);
    expect(terms.find((t) => t.term === 'maria')?.name).toBe(true);
    expect(terms.find((t) => t.term === '2025')?.timed).toBe(true);
    expect(terms.find((t) => t.term === 'cook')).toMatchObject({ timed: false, name: false });
  });

  it('reads at most a page of a pasted file', () => {
    expect(readQuestion('lorem ipsum dolor sit amet '.repeat(1000), NOW).terms.length).toBeLessThan(
      25,
    );
  });
});
