import { describe, expect, it } from 'vitest';
import { readDecision, replaces } from '../../../src/server/memory/insights/decisions.ts';
import { filesOfMetadata, pathsInText } from '../../../src/server/memory/insights/files.ts';
import { readInsights } from '../../../src/server/memory/insights/rules.ts';

function read(content: string, role: 'user' | 'assistant' = 'user', metadata: unknown = {}) {
  return readInsights({ role, content, metadata }).map(({ kind, text }) => `${kind}: ${text}`);
}

describe('insights by rules', () => {
  it.each([
    ['decision', 'We decided to keep the journal in plain files.'],
    ['decision', "Let's go with PGlite for storage."],
    ['decision', 'Let’s go with PGlite.'],
    ['decision', 'OK, we will use `pnpm` from now on.'],
    ['decision', 'Yesterday we switched to Hono because express is slow.'],
    ['decision', 'I have switched from npm to pnpm.'],
    ['decision', "We're going with the blue theme."],
    ['decision', "For the queue, we'll no longer use Redis."],
    ['decision', 'Decision: releases go out on Mondays.'],
    ['goal', 'The goal is to answer within 100 ms.'],
    ['goal', 'Our main goal of this week: fewer flaky tests.'],
    ['goal', 'I am trying to migrate the shop to PostgreSQL.'],
    ['open_question', 'We still need to decide whether old backups stay.'],
    ['open_question', "I'm not sure yet how the cache is cleared."],
    ['open_question', 'Open question: who owns the DNS'],
    ['next_action', 'TODO: rename the module'],
    ['next_action', 'Next step: write the migration.'],
    ['next_action', "I'll write the tests tomorrow."],
    ['next_action', 'Remember to bump the version.'],
    ['preference', 'I prefer tabs in Makefiles.'],
    ['preference', 'Never use default exports here.'],
    ['preference', 'Please always answer in German.'],
  ])('%s: %s', (kind, text) => {
    expect(read(text)).toEqual([`${kind}: ${text}`]);
  });

  it.each([
    'Should we go with PGlite?',
    'If we decided to use Redis, it would cost more.',
    "We haven't decided on a name.",
    'Have we decided on a name?',
    'He said "we decided to use Redis" and laughed.',
    '> We decided to use Redis.',
    '```\nWe decided to use Redis.\n// TODO: rename\n```',
    '~~~md\n- TODO: rename\n',
    '    // TODO: in an indented block',
    '- [x] TODO: done already',
    '| TODO: in a table | x |',
    'Maybe we will use Redis.',
    'I will be in Paris.',
    'I have always been slow.',
    'Never mind.',
    'Never saw this coming.',
    "It's tough, but I'm sticking with it.",
    "I'll definitely keep you posted.",
    "I'll take your advice.",
    'What does always mean here?',
    'The user will use the form.',
    'Who decided that?',
    'The switch to winter time is on Sunday.',
    'I went with my sister to the lake.',
    'The next morning it rained.',
  ])('nothing in: %s', (text) => {
    expect(read(text)).toEqual([]);
  });

  it('plans and preferences are read from the person alone', () => {
    expect(read('I will now run the tests. Always use const.', 'assistant')).toEqual([]);
    expect(read('We decided to use Kysely. Next step: the migration.', 'assistant')).toEqual([
      'decision: We decided to use Kysely.',
      'next_action: Next step: the migration.',
    ]);
  });

  it('files come from the metadata, in any of its shapes', () => {
    expect(read('Done.', 'assistant', { file_operations: [{ path: 'src/a.ts' }, 'b.md'] })).toEqual(
      ['file: src/a.ts', 'file: b.md'],
    );
    expect(filesOfMetadata({ file_operations: '["x/y.ts"]' })).toEqual(['x/y.ts']);
    expect(filesOfMetadata({ files: 'a.ts, b.ts\nnothing here' })).toEqual(['a.ts', 'b.ts']);
    expect(filesOfMetadata({ files: [null, 3, { kind: 'edit' }] })).toEqual([]);
    expect(
      pathsInText('See src/server/main.ts:3 and `docs\\a.md`, not https://a.com/b.html or 1/2.'),
    ).toEqual(['src/server/main.ts', 'docs\\a.md']);
  });

  it('reads hostile text in no time', () => {
    const began = performance.now();
    for (const text of [
      'we decided '.repeat(20_000),
      'a/'.repeat(100_000),
      '"'.repeat(100_000),
      "let's go with ".repeat(10_000) + '*_'.repeat(50_000),
      'goal of '.repeat(50_000),
    ]) {
      read(text);
      pathsInText(text);
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('decisions that replace others', () => {
  const replaced = (later: string, earlier: string) =>
    replaces(readDecision(later), readDecision(earlier));

  it.each([
    ['We switched from Redis to NATS.', 'We will use Redis for the queue.'],
    ["Let's go with NATS for the queue.", 'We decided to use Redis for the queue.'],
    ['We will use SQLite for storage instead of PGlite.', "Let's go with PGlite for storage."],
    ['For the logs, we will use pino.', 'We decided to use winston for our logs.'],
    ['We will no longer use Redis.', "We're going with Redis."],
  ])('%s – %s', (later, earlier) => {
    expect(replaced(later, earlier)).toBe(true);
  });

  it.each([
    ["Let's go with NATS for the queue.", 'We decided to use Redis for the cache.'],
    ['We decided to use Redis for the queue.', "Let's go with Redis for the queue."],
    ["Let's go with NATS.", 'We decided to use Redis.'],
    ['We switched from npm to pnpm.', 'We will use Redis for the queue.'],
  ])('not: %s – %s', (later, earlier) => {
    expect(replaced(later, earlier)).toBe(false);
  });
});
