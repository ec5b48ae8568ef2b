import { describe, expect, it } from 'vitest';
import {
  copilotCliReader,
  copilotTranscriptReader,
} from '../../../src/server/capture/readers/copilot/reader.ts';
import { cursorTranscriptReader } from '../../../src/server/capture/readers/cursorTranscript/reader.ts';
import { vscodeChatReader } from '../../../src/server/capture/readers/vscodeChat/reader.ts';
import { fixture, readOne, said } from './readingFiles.ts';

describe('Cursor transcripts', () => {
  it('unwraps what was typed and keeps the statuses', async () => {
    const path = fixture('cursor/transcript/7d4a5f6b-3e92-4c8b-9daa-4f5a6b7c8d9e.jsonl');
    const { conversation, turns, problems } = await readOne(cursorTranscriptReader, path);
    expect(conversation).toMatchObject({
      agent: 'cursor',
      conversation: '7d4a5f6b-3e92-4c8b-9daa-4f5a6b7c8d9e',
      cwd: '/home/person/work/shop',
      whole: true,
    });
    expect(said(turns)).toEqual([
      ['Why is the cart empty?', ['I read the cart first.', 'The key was misspelt.'], 'complete'],
      ['Now the totals', ['The totals'], 'aborted'],
      ['Again, please', [], 'failed'],
      ['One more', ['Working on it'], 'open'],
    ]);
    expect(turns[0]).toMatchObject({ refs: [], parent: null, facts: { files: ['src/cart.ts'] } });
    expect(turns[1]?.metadata).toEqual({});
    expect(turns[2]?.metadata).toEqual({ error: 'The model is busy.' });
    expect(problems).toEqual([]);
  });

  it('reads the flat form, where no line tells that a turn has ended', async () => {
    const path = fixture('cursor/transcript-flat/8e5b6a7c-4fa3-4d9c-8ebb-5a6b7c8d9eaf.jsonl');
    const { conversation, turns, problems } = await readOne(cursorTranscriptReader, path, '/srv/x');
    expect(conversation.cwd).toBe('/srv/x');
    expect(said(turns)).toEqual([['List the routes', ['There are three.'], 'complete']]);
    expect(problems).toEqual([{ at: 3, reason: 'unknown part of an answer "painting"' }]);
  });

  it('reads the older text without thoughts and tools', async () => {
    const path = fixture('cursor/transcript-text/9f6c7b8d-5ab4-4ead-9fcc-6b7c8d9eafb0.txt');
    const { conversation, turns, problems } = await readOne(cursorTranscriptReader, path);
    expect(conversation.conversation).toBe('9f6c7b8d-5ab4-4ead-9fcc-6b7c8d9eafb0');
    expect(said(turns)).toEqual([
      [
        'Rename the module',
        ['I rename it in both places.', 'Done: it is `parts` now.'],
        'complete',
      ],
      ['Thanks', ['You are welcome.'], 'complete'],
    ]);
    expect(problems).toEqual([]);
  });
});

describe('VS Code chat sessions', () => {
  const id = (last: number) => `aa11bb22-0000-4000-8000-00000000000${last}`;

  it('reads version 1: texts alone, no ids and no times', async () => {
    const path = fixture(`vscode/json-v1/${id(1)}.json`);
    const { conversation, turns, problems } = await readOne(vscodeChatReader, path);
    expect(conversation).toMatchObject({ agent: 'vscode', route: 'store', conversation: id(1) });
    expect(said(turns)).toEqual([
      ['What is a closure?', ['A function with its scope.'], 'complete'],
      ['And a thunk?', ['A delayed'], 'aborted'],
      ['Once more', [], 'failed'],
    ]);
    expect(turns[2]?.metadata).toEqual({ error: 'Sorry, the service is not available.' });
    expect(turns[0]?.refs).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('reads version 2: objects of Markdown and references within a sentence', async () => {
    const path = fixture(`vscode/json-v2/${id(2)}.json`);
    const { conversation, turns, problems } = await readOne(vscodeChatReader, path);
    expect(conversation.title).toBe('Explaining the loop');
    expect(said(turns)).toEqual([
      ['Explain #file:loop.ts', ['It walks `loop.ts` once. And ends.'], 'complete'],
    ]);
    expect(turns[0]?.prompt?.at).toBe('2025-01-01T00:00:00.000Z');
    expect(turns[0]?.answers[0]?.at).toBe('2025-01-01T00:00:04.200Z');
    expect(turns[0]?.facts).toEqual({ latency_ms: 4200 });
    expect(problems).toEqual([]);
  });

  it('reads version 3: parts between tools, states, models, tokens, edited files', async () => {
    const path = fixture(`vscode/json-v3/${id(3)}.json`);
    const { conversation, turns, problems } = await readOne(vscodeChatReader, path);
    expect(conversation.title).toBe('Tests for the loop');
    expect(said(turns)).toEqual([
      ['Write the test', ['I add a test.', 'The test passes.'], 'complete'],
      ['Now the docs', ['The do'], 'aborted'],
      ['The docs, please', [], 'failed'],
      ['And now?', ['Still wri'], 'open'],
    ]);
    expect(turns[0]?.facts).toEqual({
      model: 'copilot/gpt-5-mini',
      input_tokens: 5000,
      output_tokens: 300,
      latency_ms: 12_000,
      files: ['/home/person/work/loop.test.ts'],
    });
    expect(turns.map((turn) => turn.refs[0])).toEqual([
      'request:request_1',
      'request:request_2',
      'request:request_3',
      'request:request_4',
    ]);
    expect(turns.map((turn) => turn.parent)).toEqual([
      null,
      'request:request_1',
      'request:request_2',
      'request:request_3',
    ]);
    expect(problems).toEqual([
      { at: 'request 1', reason: 'unknown part of a response "constellation"' },
    ]);
  });

  it('replays the log of mutations; a request that was taken back stays as a branch', async () => {
    const path = fixture(`vscode/mutation-log/${id(4)}.jsonl`);
    const { conversation, turns, problems } = await readOne(vscodeChatReader, path);
    expect(conversation).toMatchObject({ conversation: id(4), title: 'Colours' });
    expect(said(turns)).toEqual([
      ['Name the colours', ['Red, green, blue.'], 'complete'],
      ['In German', ['Rot'], 'complete'],
      ['In French', ['Rouge'], 'complete'],
    ]);
    expect(turns.map(({ refs, parent }) => [refs[0], parent])).toEqual([
      ['request:r1', null],
      ['request:r3', 'request:r1'],
      ['request:r2', 'request:r1'],
    ]);
    expect(problems).toEqual([
      { at: 11, reason: 'unknown kind of change "9"' },
      { at: 12, reason: 'a change of something that is not there' },
    ]);
  });

  it('reads a log that was written anew from its beginning', async () => {
    const { turns } = await readOne(
      vscodeChatReader,
      fixture('vscode/mutation-log/compacted.jsonl'),
    );
    expect(said(turns)).toEqual([
      ['Name the colours', ['Red, green, blue.'], 'complete'],
      ['In Latin', ['Ruber'], 'complete'],
    ]);
  });
});

describe('Copilot events', () => {
  it('reads a transcript of the editor', async () => {
    const path = fixture('copilot/editor/bb22cc33-0000-4000-8000-000000000001.jsonl');
    const { conversation, turns, problems } = await readOne(copilotTranscriptReader, path);
    expect(conversation).toMatchObject({
      agent: 'vscode',
      route: 'transcript',
      conversation: 'bb22cc33-0000-4000-8000-000000000001',
      cwd: '/home/person/work/api',
    });
    expect(said(turns)).toEqual([
      ['Add a health route', ['I create the route.', '`GET /health` answers now.'], 'complete'],
    ]);
    expect(turns[0]).toMatchObject({
      refs: ['message:e2'],
      facts: {
        model: 'gpt-5',
        input_tokens: 1000,
        output_tokens: 100,
        cache_read_tokens: 400,
        files: ['/home/person/work/api/health.ts'],
      },
    });
    expect(problems).toEqual([{ at: 11, reason: 'unknown type of event "aurora.seen"' }]);
  });

  it('reads the events of the CLI without sub-agents and notices', async () => {
    const path = fixture('copilot/cli/cc33dd44-0000-4000-8000-000000000001/events.jsonl');
    const { conversation, turns, problems } = await readOne(copilotCliReader, path);
    expect(conversation).toMatchObject({
      agent: 'copilot-cli',
      conversation: 'cc33dd44-0000-4000-8000-000000000001',
    });
    expect(said(turns)).toEqual([
      ['Sort the list', ['Sorted.', 'The list is sorted by name.'], 'complete'],
      ['Reverse it', [], 'aborted'],
      ['Reverse it slowly', [], 'failed'],
    ]);
    expect(turns[0]?.facts).toEqual({
      model: 'claude-sonnet-4.5',
      output_tokens: 75,
      files: ['src/list.ts'],
    });
    expect(turns.map((turn) => turn.parent)).toEqual([null, 'message:f3', 'message:f9']);
    expect(turns[2]?.metadata).toEqual({ error: 'Too many requests' });
    expect(problems).toEqual([]);
  });
});
