import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claudeCodeReader as reader } from '../../../src/server/capture/readers/claudeCode/reader.ts';
import { fixture, readOne, said, sourceFor } from './readingFiles.ts';

const TREE = fixture('claude-code/tree/4a1d2c3e-0b6f-4f5e-8a77-1c2d3e4f5a6b.jsonl');
const COMMANDS = fixture('claude-code/commands/5b2e3d4f-1c70-4a6f-9b88-2d3e4f5a6b7c.jsonl');
const OLDER = fixture('claude-code/older/6c3f4e5a-2d81-4b7a-8c99-3e4f5a6b7c8d.jsonl');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnkeep-claude-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('Claude Code transcripts', () => {
  it('gives what the person typed and what was answered, no tools, no sidechains', async () => {
    const { conversation, turns } = await readOne(reader, TREE);
    expect(conversation).toMatchObject({
      agent: 'claude-code',
      route: 'transcript',
      conversation: '4a1d2c3e-0b6f-4f5e-8a77-1c2d3e4f5a6b',
      title: 'Dark theme',
      cwd: '/home/person/work/site',
      whole: true,
    });
    expect(said(turns)).toEqual([
      [
        'Add a dark theme',
        ['I look at the styles first.', 'The dark theme is in `theme.css`.'],
        'complete',
      ],
      ['Make the links blue', ['Which blue'], 'aborted'],
      ['Make the links green', ['Green it is.'], 'complete'],
      ['and underline them', [], 'failed'],
    ]);
    expect(turns[0]?.prompt?.at).toBe('2026-09-01T08:00:00.000Z');
    expect(turns[0]?.answers[1]?.at).toBe('2026-09-01T08:00:09.000Z');
  });

  it('keeps both branches of an edited prompt, each with its parent', async () => {
    const { turns } = await readOne(reader, TREE);
    expect(turns.map(({ refs, parent }) => ({ refs, parent }))).toEqual([
      { refs: ['message:u1', 'prompt:p1'], parent: null },
      { refs: ['message:u2', 'prompt:p2'], parent: 'message:u1' },
      { refs: ['message:u3', 'prompt:p3'], parent: 'message:u1' },
      { refs: ['message:q1'], parent: 'message:u3' },
    ]);
  });

  it('counts the tokens of a message once, and takes model, time and files', async () => {
    const { turns } = await readOne(reader, TREE);
    expect(turns[0]?.facts).toEqual({
      model: 'claude-sonnet-4-5',
      input_tokens: 14,
      output_tokens: 100,
      cache_read_tokens: 2200,
      cache_write_tokens: 300,
      latency_ms: 9000,
      files: ['/home/person/work/site/theme.css'],
    });
    expect(turns[2]?.facts.model).toBe('claude-opus-4-5');
    expect(turns[3]?.metadata).toEqual({ error: 'API Error: 529 Overloaded' });
  });

  it('tells an unknown type of line once, with its first line and a count', async () => {
    const { problems } = await readOne(reader, TREE);
    expect(problems).toEqual([
      { at: 19, reason: 'unknown type of line "hologram" (2 times, first here)' },
    ]);
  });

  it('makes a turn of a command that was answered, and of no other', async () => {
    const { conversation, turns, problems } = await readOne(reader, COMMANDS);
    expect(said(turns)).toEqual([
      ['/review the parser', ['Two remarks.'], 'complete'],
      ['Fix the first one', ['On it.'], 'open'],
    ]);
    expect(turns.map((turn) => turn.parent)).toEqual([null, 'message:c3']);
    expect(conversation.title).toBe('Review of the parser');
    expect(problems).toEqual([]);
  });

  it('passes over a torn last line, and names a line that is no JSON', async () => {
    const { conversation, turns, problems } = await readOne(reader, OLDER);
    expect(conversation.cwd).toBe('C:\\Users\\person\\app');
    expect(said(turns)).toEqual([['Hello from Windows', ['Hello.'], 'complete']]);
    expect(problems).toEqual([{ at: 3, reason: 'not JSON' }]);
  });

  it('keeps a prompt that interrupts, and one that is a picture alone', async () => {
    const path = join(folder, 'interrupts.jsonl');
    const line = (uuid: string, parentUuid: string | null, content: unknown) =>
      `${JSON.stringify({ type: 'user', uuid, parentUuid, message: { content } })}\n`;
    const text = (value: string) => ({ type: 'text', text: value });
    await writeFile(
      path,
      line('1', null, 'Begin') +
        line('2', '1', [text('[Request interrupted by user]'), text('No, stop')]) +
        line('3', '2', [{ type: 'image', source: { type: 'base64', data: 'AA==' } }]),
    );
    expect(said((await readOne(reader, path)).turns)).toEqual([
      ['Begin', [], 'aborted'],
      ['No, stop', [], 'open'],
      ['[image]', [], 'open'],
    ]);
  });

  it('counts by the head of the file', async () => {
    expect(await reader.count(await sourceFor(reader, OLDER))).toEqual([
      { cwd: 'C:\\Users\\person\\app', conversations: 1 },
    ]);
  });
});
