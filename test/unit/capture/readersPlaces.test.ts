import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readers } from '../../../src/server/capture/readers/all.ts';
import { claudeCodeReader } from '../../../src/server/capture/readers/claudeCode/reader.ts';
import { codexReader } from '../../../src/server/capture/readers/codex/reader.ts';
import {
  copilotCliReader,
  copilotTranscriptReader,
} from '../../../src/server/capture/readers/copilot/reader.ts';
import { cursorTranscriptReader } from '../../../src/server/capture/readers/cursorTranscript/reader.ts';
import { geminiLogsReader } from '../../../src/server/capture/readers/gemini/logs.ts';
import { geminiReader } from '../../../src/server/capture/readers/gemini/reader.ts';
import type { Places } from '../../../src/server/capture/readers/reader.ts';
import { editorUserFolders } from '../../../src/server/capture/readers/shared/editors.ts';
import {
  pathOfFileUri,
  workspaceOfUri,
} from '../../../src/server/capture/readers/shared/workspaces.ts';
import { specStoryReader } from '../../../src/server/capture/readers/specStory/reader.ts';
import { vscodeChatReader } from '../../../src/server/capture/readers/vscodeChat/reader.ts';
import { discovered, fixture, plant, readOne } from './readingFiles.ts';

let home: string;
let places: Places;
beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'turnkeep-places-')));
  places = { home, env: {}, platform: 'linux' };
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('where agents keep their conversations', () => {
  it('finds transcripts of Claude Code, and none of sub-agents', async () => {
    await plant(home, {
      '.claude/projects/-work-site/4a1d.jsonl': '{}\n',
      '.claude/projects/-work-site/agent-77.jsonl': '{}\n',
      '.claude/projects/-work-site/4a1d/subagents/agent-78.jsonl': '{}\n',
      '.claude/projects/-work-site/empty.jsonl': '',
      'elsewhere/projects/-x/5b2e.jsonl': '{}\n',
    });
    expect(await discovered(claudeCodeReader, places)).toEqual([
      ['.claude/projects/-work-site/4a1d.jsonl', null],
    ]);
    places.env.CLAUDE_CONFIG_DIR = join(home, 'elsewhere');
    expect(await discovered(claudeCodeReader, places)).toEqual([
      ['elsewhere/projects/-x/5b2e.jsonl', null],
    ]);
  });

  it('finds transcripts of Cursor of each age, one for each conversation', async () => {
    const slug = join(home, 'work', 'my.site')
      .replace(/[^a-z0-9]+/gi, '-')
      .replace(/^-/, '');
    const at = `.cursor/projects/${slug}/agent-transcripts`;
    await plant(home, {
      'work/my.site/index.html': 'x',
      [`${at}/7d4a/7d4a.jsonl`]: '{}\n',
      [`${at}/7d4a/subagents/9999.jsonl`]: '{}\n',
      [`${at}/8e5b.jsonl`]: '{}\n',
      [`${at}/8e5b.txt`]: 'user:\n',
      [`${at}/9f6c.txt`]: 'user:\n',
      '.cursor/projects/gone-folder/agent-transcripts/aaaa.txt': 'user:\n',
    });
    const cwd = join(home, 'work', 'my.site');
    expect(await discovered(cursorTranscriptReader, places)).toEqual(
      [
        [`${at}/7d4a/7d4a.jsonl`, cwd],
        [`${at}/8e5b.jsonl`, cwd],
        [`${at}/9f6c.txt`, cwd],
        ['.cursor/projects/gone-folder/agent-transcripts/aaaa.txt', null],
      ].sort(),
    );
  });

  it.each([
    ['linux', '.config', {}],
    ['darwin', 'Library/Application Support', {}],
    ['win32', 'AppData/Roaming', {}],
    ['linux', 'settings', { XDG_CONFIG_HOME: 'settings' }],
    ['win32', 'roaming', { APPDATA: 'roaming' }],
  ] as const)('finds what editors keep on %s in %s', async (platform, settings, given) => {
    const env = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, join(home, value)]),
    );
    const storage = `${settings}/Code/User/workspaceStorage/aaa`;
    await plant(home, {
      [`${storage}/workspace.json`]: { folder: 'file:///home/person/my%20site' },
      [`${storage}/chatSessions/s1.json`]: '{}',
      [`${storage}/chatSessions/s1.jsonl`]: '{}',
      [`${storage}/chatSessions/notes.md`]: 'x',
      [`${storage}/GitHub.copilot-chat/transcripts/t1.jsonl`]: '{}',
      [`${settings}/Code - Insiders/User/globalStorage/emptyWindowChatSessions/s2.json`]: '{}',
      [`${settings}/VSCodium/User/workspaceStorage/bbb/chatSessions/s3.jsonl`]: '{}',
      [`${settings}/Cursor/User/workspaceStorage/ccc/chatSessions/s4.json`]: '{}',
    });
    const here = { home, env, platform };
    expect(await discovered(vscodeChatReader, here)).toEqual([
      [`${settings}/Code - Insiders/User/globalStorage/emptyWindowChatSessions/s2.json`, null],
      [`${storage}/chatSessions/s1.jsonl`, '/home/person/my site'],
      [`${settings}/Cursor/User/workspaceStorage/ccc/chatSessions/s4.json`, null],
      [`${settings}/VSCodium/User/workspaceStorage/bbb/chatSessions/s3.jsonl`, null],
    ]);
    expect(await discovered(copilotTranscriptReader, here)).toEqual([
      [`${storage}/GitHub.copilot-chat/transcripts/t1.jsonl`, '/home/person/my site'],
    ]);
  });

  it('finds sessions of Copilot CLI, Codex and Gemini', async () => {
    const hash = createHash('sha256').update('/work/notes').digest('hex');
    await plant(home, {
      '.copilot/session-state/cc33/events.jsonl': '{}',
      '.copilot/session-state/old.jsonl': '{}',
      '.codex/sessions/2026/08/01/rollout-1.jsonl': '{}',
      '.codex/sessions/2026/08/01/other.jsonl': '{}',
      '.codex/archived_sessions/rollout-2.jsonl': '{}',
      '.gemini/projects.json': { projects: { '/work/site': 'site', '/work/notes': 'notes' } },
      '.gemini/tmp/site/chats/session-1-aa.json': '{}',
      '.gemini/tmp/site/chats/session-1-aa.jsonl': '{}',
      [`.gemini/tmp/${hash}/chats/session-2-bb.json`]: '{}',
      '.gemini/tmp/odd/logs.json': '[]',
      '.gemini/tmp/odd/.project_root': '/work/odd\n',
    });
    expect(await discovered(copilotCliReader, places)).toEqual([
      ['.copilot/session-state/cc33/events.jsonl', null],
      ['.copilot/session-state/old.jsonl', null],
    ]);
    expect(await discovered(codexReader, places)).toEqual([
      ['.codex/archived_sessions/rollout-2.jsonl', null],
      ['.codex/sessions/2026/08/01/rollout-1.jsonl', null],
    ]);
    expect(await discovered(geminiReader, places)).toEqual(
      [
        [`.gemini/tmp/${hash}/chats/session-2-bb.json`, '/work/notes'],
        ['.gemini/tmp/site/chats/session-1-aa.jsonl', '/work/site'],
      ].sort(),
    );
    expect(await discovered(geminiLogsReader, places)).toEqual([
      ['.gemini/tmp/odd/logs.json', '/work/odd'],
    ]);
    await plant(home, { 'codex/sessions/rollout-3.jsonl': '{}' });
    places.env.CODEX_HOME = join(home, 'codex');
    expect(await discovered(codexReader, places)).toEqual([
      ['codex/sessions/rollout-3.jsonl', null],
    ]);
  });

  it('finds SpecStory in the folders that an editor has opened', async () => {
    await plant(home, {
      '.config/Cursor/User/workspaceStorage/a/workspace.json': {
        folder: pathToFileURL(join(home, 'work', 'site')).href,
      },
      'work/site/.specstory/history/one.md': 'x',
      'work/other/.specstory/history/two.md': 'x',
    });
    expect(await discovered(specStoryReader, places)).toEqual([
      ['work/site/.specstory/history/one.md', join(home, 'work', 'site')],
    ]);
  });

  it('finds nothing in a home without agents', async () => {
    for (const reader of readers) expect(await discovered(reader, places)).toEqual([]);
  });
});

describe('the folder of a workspace', () => {
  it.each([
    ['file:///home/person/my%20site', '/home/person/my site'],
    ['file:///c%3A/Users/person/site', 'C:\\Users\\person\\site'],
    ['file:///C:/Users/person', 'C:\\Users\\person'],
    ['file://server/share/site', '\\\\server\\share\\site'],
    ['file:///tmp/100%', '/tmp/100%'],
    ['vscode-remote://wsl%2Bubuntu/home/person', null],
    ['nonsense', null],
  ])('%s is %s', (uri, path) => {
    expect(pathOfFileUri(uri)).toBe(path);
  });

  it('keeps a folder on another machine as a name', () => {
    expect(workspaceOfUri('vscode-remote://wsl%2Bubuntu/home/person/site')).toEqual({
      cwd: null,
      project: { key: 'name:site (wsl+ubuntu)', name: 'site (wsl+ubuntu)' },
    });
  });

  it('takes the first folder of a workspace of several, and names a remote one', async () => {
    const storage = 'Code/User/workspaceStorage/x';
    const session = await readFile(fixture('vscode/mutation-log/compacted.jsonl'), 'utf8');
    await plant(home, {
      'work/all.code-workspace': '{ // two\n "folders": [{ "path": "site" }, { "path": "api" }], }',
      [`${storage}/workspace.json`]: {
        workspace: pathToFileURL(join(home, 'work', 'all.code-workspace')).href,
      },
      [`${storage}/chatSessions/s.jsonl`]: session,
    });
    const path = join(home, storage, 'chatSessions', 's.jsonl');
    expect((await readOne(vscodeChatReader, path)).conversation.cwd).toBe(
      join(home, 'work', 'site'),
    );
    await plant(home, {
      [`${storage}/workspace.json`]: { folder: 'vscode-remote://ssh-remote%2Bbox/srv/app' },
    });
    expect((await readOne(vscodeChatReader, path)).conversation).toMatchObject({
      cwd: null,
      project: { name: 'app (ssh-remote+box)' },
    });
  });

  it('names the folders of user data of each editor', () => {
    const folders = editorUserFolders({ home: '/home/p', env: {}, platform: 'linux' });
    expect(folders).toContain(join('/home/p/.config', 'VSCodium', 'User'));
  });
});

describe('which reader a file is for', () => {
  it.each([
    ['claude-code', 'claude-code-transcript'],
    ['cursor/transcript', 'cursor-transcript'],
    ['cursor/transcript-flat', 'cursor-transcript'],
    ['cursor/transcript-text', 'cursor-transcript'],
    ['vscode', 'vscode-chat-session'],
    ['copilot/cli', 'copilot-cli-events'],
    ['codex', 'codex-rollout'],
    ['gemini/json-2025', 'gemini-session'],
    ['gemini/jsonl-2026', 'gemini-session'],
    ['gemini/logs', 'gemini-logs'],
    ['specstory', 'specstory-markdown'],
    ['turnkeep/export.jsonl', 'turnkeep-jsonl'],
    ['turnkeep/export.md', 'turnkeep-markdown'],
  ])('files of %s are for %s alone', async (folder, name) => {
    const root = fixture(folder);
    const entries = { recursive: true, withFileTypes: true } as const;
    const inside = await readdir(root, entries).catch(() => []);
    const files = inside.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
    for (const path of files.length > 0 ? files : [root]) {
      const head = (await readFile(path, 'utf8')).slice(0, 65_536);
      const taken = readers.filter((reader) => reader.recognises(path, head));
      expect([path, taken.map((reader) => reader.name)]).toEqual([path, [name]]);
    }
  });

  it('a transcript of Copilot is told from events of the CLI by its place', async () => {
    const head = await readFile(
      fixture('copilot/editor/bb22cc33-0000-4000-8000-000000000001.jsonl'),
      'utf8',
    );
    for (const path of [
      '/s/GitHub.copilot-chat/transcripts/b.jsonl',
      'C:\\s\\GitHub.copilot-chat\\transcripts\\b.jsonl',
    ]) {
      expect(readers.filter((one) => one.recognises(path, head))).toEqual([
        copilotTranscriptReader,
      ]);
    }
  });

  it('nothing takes a README, a package or plain JSON lines', () => {
    for (const [path, head] of [
      ['README.md', '# Session notes\n\nText\n'],
      ['package.json', '{"name":"x","version":"1.0.0"}'],
      ['data.jsonl', '{"a":1}\n'],
      ['notes.txt', 'users:\nnone\n'],
    ] as const) {
      expect(readers.filter((reader) => reader.recognises(path, head))).toEqual([]);
    }
  });
});
