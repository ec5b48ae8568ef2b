import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallContext } from '../../src/contracts/context.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    env: { POSTGRES_DSN: process.env.TURNKEEP_TEST_DSN ?? 'mock://test' },
  });
});
afterAll(async () => {
  await server?.stop();
  if (server) await removeHome(server.home);
});

/** A caller of a project of its own, so that tests do not meet. */
function caller(): CallContext {
  const name = randomUUID();
  return { project: { key: `name:${name}`, name }, origin: 'cli', client: 'cli' };
}

const turn = (query: string, response: string) => ({ query, response });

const SYSTEMS = ['ltst', 'cursor', 'cli', 'prime'] as const;

describe('a turn that was found by one half', () => {
  it('comes with the other, once, within filter and budget; items are what they were', async () => {
    const me = caller();
    await server.call(
      'capture_turns',
      {
        turns: [
          turn('Where does the okapi server listen?', 'On port 4020 of loopback.'),
          turn('And who may call?', 'Whoever has the token.'),
        ],
      },
      me,
    );
    // Words alone: the question holds them, its answer does not.
    const ask = (more: object) =>
      server.call('query_memory', { query: 'okapi server', ...more }, me);
    const { ltst, bundle } = await ask({});
    expect(ltst?.items.map(({ content }) => content)).toEqual([
      'Where does the okapi server listen?',
    ]);
    expect(ltst?.other_halves.map(({ content }) => content)).toEqual(['On port 4020 of loopback.']);
    expect(bundle).toMatch(/listen\?\n\[[^\]]*: the answer, [^\]]*\]\nOn port 4020 of loopback\./);
    const users = await ask({ filter: { message_role: 'user' } });
    expect(users.ltst?.other_halves).toEqual([]);
    expect(users.bundle).not.toContain('4020');
    // The answer alone: its question comes before it.
    const answer = await ask({ query: 'loopback' });
    expect(answer.ltst?.items[0]?.content).toContain('4020');
    expect(answer.bundle.indexOf('okapi')).toBeLessThan(answer.bundle.indexOf('4020'));
    expect(answer.bundle.indexOf('okapi')).toBeGreaterThan(0);
    for (const role of ['planner', 'researcher', 'coder'] as const) {
      const one = await ask({ query: 'okapi server listen port?', role, limit: 1 });
      expect(one.ltst?.items).toHaveLength(1);
      expect(one.bundle).toContain('4020');
      expect(one.bundle.match(/okapi/g)).toHaveLength(1);
      expect(one.bundle).not.toContain('token');
    }
    const { turn_id } = answer.ltst?.items[0] ?? {};
    await server.call('delete_conversations', { turn_id: turn_id ?? '' }, me);
    const left = await ask({});
    expect(JSON.stringify({ ...left, query: '' })).not.toMatch(/okapi|4020/);
  });
});

describe('odd questions', () => {
  it('are answered sensibly through HTTP', async () => {
    const me = caller();
    await server.call(
      'capture_turns',
      {
        turns: [
          turn('東京の天気を教えてください', '晴れです。'),
          turn("Why does select * from users where name = 'x'; -- fail?", 'A quote is missing.'),
          turn('The party 🎉 was it good?', 'It was what it was, the best.'),
          turn('How large is the cache?', 'The cache holds 64 MB.'),
        ],
      },
      me,
    );
    const best = async (query: string, systems: (typeof SYSTEMS)[number][] = [...SYSTEMS]) => {
      const answer = await server.call('query_memory', { query, systems }, me);
      await server.call('search_hot_memory', { query }, me);
      return answer.ltst?.items[0]?.content;
    };
    expect(await best('cache')).toContain('cache');
    expect(await best('天気')).toContain('天気');
    expect(await best('🎉')).toContain('🎉');
    expect(await best("'; drop table projects; -- select * from users")).toContain('select *');
    expect(await best(`${'cache '.repeat(1_000)}${'x '.repeat(2_000)}`)).toContain('cache');
    // Words that are in everything find what has just these, or nothing; never an error.
    expect(await best('it was what it was')).toContain('what it was');
    for (const query of [' ', '?', 'the', '%', '\\', '\0', '\ud800', ':*&|!', '\u202e', '𝕔𝕒𝕔𝕙𝕖']) {
      await best(query);
    }
    expect(await best('𝕔𝕒𝕔𝕙𝕖')).toContain('cache');
    for (const query of ['', 'x'.repeat(20_001)]) {
      await expect(best(query)).rejects.toThrow('invalid_request');
    }
    const { rows } = await server.call('run_sql', { sql: 'select count(*) from projects' });
    expect(Number(rows[0]?.[0])).toBeGreaterThan(0);
  });
});
