import { describe, expect, it } from 'vitest';
import { codexReader } from '../../../src/server/capture/readers/codex/reader.ts';
import { geminiLogsReader } from '../../../src/server/capture/readers/gemini/logs.ts';
import { geminiReader } from '../../../src/server/capture/readers/gemini/reader.ts';
import { specStoryReader } from '../../../src/server/capture/readers/specStory/reader.ts';
import { turnkeepJsonlReader } from '../../../src/server/capture/readers/turnkeep/jsonl.ts';
import { turnkeepMarkdownReader } from '../../../src/server/capture/readers/turnkeep/markdown.ts';
import { fixture, readAll, readOne, said, sourceFor } from './readingFiles.ts';

describe('Codex rollouts', () => {
  it('takes each message once of the two that newer ones tell', async () => {
    const { conversation, turns, problems } = await readOne(
      codexReader,
      fixture(
        'codex/envelope-events/rollout-2026-08-01T12-00-00-dd44ee55-0000-4000-8000-000000000001.jsonl',
      ),
    );
    expect(conversation).toMatchObject({
      agent: 'codex',
      conversation: 'dd44ee55-0000-4000-8000-000000000001',
      cwd: '/home/person/work/game',
    });
    expect(said(turns)).toEqual([
      ['Add a score', ['I add it to the board.', 'The score is shown.'], 'complete'],
      ['Make it red', [], 'aborted'],
      ['Make it blue', ['Blue, then.'], 'open'],
    ]);
    expect(turns.map(({ refs, parent }) => [refs, parent])).toEqual([
      [['turn:turn-1'], null],
      [['turn:turn-2'], 'turn:turn-1'],
      [['turn:turn-3'], 'turn:turn-1'],
    ]);
    expect(turns[0]?.facts).toEqual({
      model: 'gpt-5.2-codex',
      input_tokens: 2200,
      output_tokens: 70,
      cache_read_tokens: 1600,
      latency_ms: 7100,
      files: ['src/board.ts', 'src/score.ts'],
    });
    expect(turns[2]?.facts.files).toEqual(['/home/person/work/game/src/score.ts']);
    // The last line is torn: it is read again, and no problem.
    expect(problems).toEqual([{ at: 29, reason: 'unknown event "volcano"' }]);
  });

  it('reads rollouts that tell messages as items alone', async () => {
    const { turns, problems } = await readOne(
      codexReader,
      fixture(
        'codex/envelope-items/rollout-2025-09-20T09-00-00-dd44ee55-0000-4000-8000-000000000002.jsonl',
      ),
    );
    expect(said(turns)).toEqual([['What does main do?', ['It starts the loop.'], 'complete']]);
    expect(turns[0]?.facts).toEqual({ model: 'gpt-5-codex', files: ['old.ts'] });
    expect(problems).toEqual([]);
  });

  it('reads the oldest ones, without an envelope', async () => {
    const { conversation, turns, problems } = await readOne(
      codexReader,
      fixture('codex/direct/rollout-2025-07-01-dd44ee55-0000-4000-8000-000000000003.jsonl'),
    );
    expect(conversation.conversation).toBe('dd44ee55-0000-4000-8000-000000000003');
    expect(said(turns)).toEqual([['Say hello', ['Hello.'], 'complete']]);
    expect(problems).toEqual([]);
  });
});

describe('Gemini CLI', () => {
  it('reads a session of one object', async () => {
    const { conversation, turns, problems } = await readOne(
      geminiReader,
      fixture('gemini/json-2025/session-2025-12-05T11-14-ee55ff66.json'),
      '/home/person/work/notes',
    );
    expect(conversation).toMatchObject({
      agent: 'gemini-cli',
      conversation: 'ee55ff66-0000-4000-8000-000000000001',
      cwd: '/home/person/work/notes',
    });
    expect(said(turns)).toEqual([
      ['Describe @a.txt', ['It is long.'], 'complete'],
      ['Shorter, please', [], 'aborted'],
      ['Again', [], 'failed'],
    ]);
    expect(turns[0]?.facts).toEqual({
      model: 'gemini-2.5-pro',
      input_tokens: 300,
      output_tokens: 30,
      cache_read_tokens: 200,
      files: ['/home/person/work/notes/b.txt'],
    });
    expect(problems).toEqual([{ at: 'g8', reason: 'unknown type of message "comet"' }]);
  });

  it('reads a session of lines; what was taken back stays as a branch', async () => {
    const { conversation, turns, problems } = await readOne(
      geminiReader,
      fixture('gemini/jsonl-2026/session-2026-06-05T11-14-ff66aa77.jsonl'),
    );
    expect(conversation.title).toBe('Counting notes');
    expect(said(turns)).toEqual([
      ['Count the notes', ['Seven notes.'], 'complete'],
      ['Delete one', ['Which one?'], 'complete'],
      ['Add one', ['Added.'], 'complete'],
    ]);
    expect(turns.map(({ refs, parent }) => [refs[0], parent])).toEqual([
      ['message:h1', null],
      ['message:h3', 'message:h1'],
      ['message:h5', 'message:h1'],
    ]);
    expect(problems).toEqual([
      { at: 12, reason: 'a line that is neither a message nor a fact of the session' },
    ]);
  });

  it('reads the prompts of sessions that have no file of their own', async () => {
    const path = fixture('gemini/logs/logs.json');
    const { conversations, problems } = await readAll(geminiLogsReader, path);
    expect(
      conversations.map(({ conversation, whole, turns }) => [conversation, whole, said(turns)]),
    ).toEqual([
      ['ab77bc88-0000-4000-8000-000000000001', false, [['First question', [], 'open']]],
      ['bc88cd99-0000-4000-8000-000000000002', false, [['Other session', [], 'open']]],
    ]);
    expect(problems).toEqual([{ at: 'entry 4', reason: 'unknown type of entry "gong"' }]);
    expect(await geminiLogsReader.count(await sourceFor(geminiLogsReader, path))).toEqual([
      { cwd: null, conversations: 2 },
    ]);
  });
});

describe('SpecStory Markdown', () => {
  it('reads the form of 2025', async () => {
    const { conversation, turns, problems } = await readOne(
      specStoryReader,
      fixture('specstory/cursor-2025/2025-10-01_23-30Z-birds-do-not-fly.md'),
    );
    expect(conversation).toMatchObject({
      agent: 'cursor',
      route: 'import',
      conversation: '1a2b3c4d-0000-4000-8000-000000000001',
      title: 'Birds do not fly',
    });
    expect(said(turns)).toEqual([
      [
        'the birds do not fly',
        ['I look at the code.', 'The wings were missing:\n\n```js\n---\nconst wings = 2;\n```'],
        'complete',
      ],
      ['thanks', ['Gladly.'], 'complete'],
    ]);
    expect(turns[0]?.prompt?.at).toBe('2025-10-01T23:30:00.000Z');
    expect(turns[0]?.facts).toEqual({ model: 'claude-4.5-sonnet-thinking' });
    expect(problems).toEqual([]);
  });

  it('reads version 2.1', async () => {
    const { conversation, turns, problems } = await readOne(
      specStoryReader,
      fixture('specstory/v2.1/2026-03-06_20-07-46Z-test.md'),
    );
    expect(conversation).toMatchObject({
      agent: 'claude-code',
      conversation: '2b3c4d5e-0000-4000-8000-000000000002',
      title: null,
    });
    expect(said(turns)).toEqual([
      ['run the tests', ['All tests pass.'], 'complete'],
      ['and lint', [], 'aborted'],
    ]);
    expect(turns[0]?.answers[0]?.at).toBe('2026-03-06T20:07:55.000Z');
    expect(turns[0]?.facts.model).toBe('claude-opus-4-6');
    expect(problems).toEqual([]);
  });
});

describe("Turnkeep's own exports", () => {
  it('reads JSONL: agents by the name of the session, threads, sessions in pieces', async () => {
    const { conversations, problems } = await readAll(
      turnkeepJsonlReader,
      fixture('turnkeep/export.jsonl'),
    );
    expect(
      conversations.map(({ agent, conversation, whole }) => [agent, conversation, whole]),
    ).toEqual([
      ['claude-code', '3c4d5e6f-0000-4000-8000-000000000003', true],
      ['turnkeep', 'talk', false],
      ['turnkeep', 'other', true],
      ['turnkeep', 'talk', false],
    ]);
    expect(conversations[0]?.project).toEqual({ key: 'git:github.com/owner/site', name: 'site' });
    expect(conversations[0]?.turns[0]).toMatchObject({
      prompt: { text: 'Add a footer', at: '2026-05-01T10:00:00.000Z' },
      facts: {
        model: 'claude-sonnet-4-5',
        input_tokens: 12,
        output_tokens: 3,
        latency_ms: 5000,
        files: ['footer.html'],
      },
      metadata: { note: 'kept' },
    });
    expect(said(conversations[1]?.turns ?? [])).toEqual([
      ['Local time', ['To the first'], 'complete'],
      ['Other thread', [], 'open'],
    ]);
    expect(conversations[1]?.turns[0]?.prompt?.at).toBe('2026-05-01T10:00:00.000Z');
    expect(problems).toEqual([{ at: 6, reason: expect.stringContaining('not a message: role') }]);
  });

  it('reads Markdown', async () => {
    const { conversations, problems } = await readAll(
      turnkeepMarkdownReader,
      fixture('turnkeep/export.md'),
    );
    expect(conversations.map(({ conversation, project }) => [conversation, project?.name])).toEqual(
      [
        ['talk', 'website'],
        ['other', undefined],
      ],
    );
    expect(said(conversations[0]?.turns ?? [])).toEqual([
      ['How long?\n\n## Not a heading of ours', ['Two lines:\n\n- one'], 'complete'],
    ]);
    expect(conversations[0]?.turns[0]?.facts.model).toBe('gpt-5');
    expect(problems).toEqual([]);
    const source = await sourceFor(turnkeepMarkdownReader, fixture('turnkeep/export.md'));
    expect(await turnkeepMarkdownReader.count(source)).toEqual([{ cwd: null, conversations: 2 }]);
  });
});
