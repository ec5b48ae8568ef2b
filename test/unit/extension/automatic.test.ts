import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistorySource, ImportJob } from '../../../src/contracts/capture.ts';
import { agentNames } from '../../../src/extension/automatic/agents.ts';
import { deadLettersMarkdown } from '../../../src/extension/automatic/deadLetterPage.ts';
import { excludedBy } from '../../../src/extension/automatic/exclusions.ts';
import {
  outcomeText,
  percentOf,
  problemsMarkdown,
  progressText,
} from '../../../src/extension/automatic/history/importReport.ts';
import {
  groupTexts,
  projectsOf,
  sourceGroups,
} from '../../../src/extension/automatic/history/sourceGroups.ts';
import { placeIn } from '../../../src/extension/automatic/placeIn.ts';

const source = (more: Partial<HistorySource>): HistorySource => ({
  source_id: 'x',
  reader: 'claude-code-transcript',
  agent: 'claude-code',
  path: '/me/a.jsonl',
  bytes: 1_000_000,
  modified_at: '2026-11-02T10:00:00Z',
  projects: [{ name: 'site', conversations: 1 }],
  conversations: 1,
  read_at: null,
  ...more,
});

describe('history that was found', () => {
  const sources = [
    source({}),
    source({ source_id: 'y', read_at: '2026-11-02T10:00:00Z' }),
    source({ source_id: 'empty', agent: 'codex', projects: [], conversations: 0 }),
    source({
      source_id: 'store',
      agent: 'cursor',
      reader: 'cursor-store',
      projects: 'abcdef'.split('').map((name, index) => ({ name, conversations: 10 - index })),
      conversations: 45,
    }),
  ];

  it('is one row for each agent and reader, the largest first, without the empty', () => {
    const groups = sourceGroups(sources);
    expect(groups.map(({ agent, sources: own }) => [agent, own.length])).toEqual([
      ['cursor', 1],
      ['claude-code', 2],
    ]);
    expect(groups.map((group) => groupTexts(group))).toEqual([
      {
        label: 'Cursor',
        description: '45 conversations · 1 source · 1.0 MB',
        detail: "the editor's store: a (10), b (9), c (8), d (7), and 2 more projects",
      },
      {
        label: 'Claude Code',
        description: '2 conversations · 2 sources · 2.0 MB · read in part',
        detail: 'transcripts: site (2)',
      },
    ]);
  });

  it('is called by its kind, else by the reader that is new', () => {
    const details = ['vscode-chat-session', 'gemini-session', 'something-new'].map((reader) => {
      const [group] = sourceGroups([source({ reader })]);
      return group && groupTexts(group).detail;
    });
    expect(details).toEqual([
      'chat sessions: site (1)',
      'sessions: site (1)',
      'something-new: site (1)',
    ]);
  });

  it('is counted by project over all sources', () => {
    const more = source({ projects: [{ name: 'a', conversations: 5 }] });
    expect(projectsOf([...sources, more])[0]).toEqual({ name: 'a', conversations: 15 });
  });
});

describe('an import', () => {
  const job: ImportJob = {
    job_id: 'j',
    state: 'done',
    sources: { done: 1, total: 4 },
    bytes: { done: 500, total: 1000 },
    conversations: 3,
    turns: { added: 1, completed: 2, known: 1500 },
    problems: [
      { file: '/me/`a`.jsonl', at: 12, reason: 'No <b>time</b>.' },
      { file: '/me/b.jsonl', at: null, reason: 'It cannot be read.' },
    ],
    problem_count: 5,
    error: null,
    started_at: '',
    finished_at: null,
  };

  it('tells how far it is', () => {
    expect(progressText(job)).toBe('1 of 4 sources, 1 new turn');
    expect(percentOf(job)).toBe(50);
    expect(percentOf({ ...job, bytes: { done: 0, total: 0 } })).toBe(25);
    expect(percentOf({ ...job, bytes: { done: 9, total: 3 } })).toBe(100);
  });

  it('tells how it ended, and that it goes on where it was stopped', () => {
    const parts = '1 turn added, 2 completed, 1,500 known already, of 3 conversations.';
    expect(outcomeText(job)).toBe(`History imported: ${parts} 5 things could not be understood.`);
    const stopped = outcomeText({ ...job, state: 'cancelled', problem_count: 0 });
    expect(stopped).toBe(
      `The import was stopped: ${parts} Run Import History again and it goes on from there.`,
    );
    expect(outcomeText({ ...job, state: 'failed', error: 'Disk full.' })).toContain('Disk full.');
  });

  it('lists what was not understood by file and line, safe to render', () => {
    const page = problemsMarkdown(job);
    expect(page).toContain('- `/me/a.jsonl:12`');
    expect(page).toContain('- `/me/b.jsonl`');
    expect(page).toContain('No \\<b\\>time');
    expect(page).toContain('And 3 more.');
  });
});

describe('dead letters', () => {
  it('are a page with names and reasons', () => {
    const letter = { name: 'a.json', agent: 'cursor', created_at: null, bytes: 12 };
    const page = deadLettersMarkdown([{ ...letter, reason: 'No *id*.' }], '/h/spool/dead');
    expect(page).toContain('1 capture could not be understood and is kept as files.');
    expect(page).toContain('## `a.json`\n\nNo \\*id\\*.\n\n*cursor · 12 bytes*');
  });
});

describe('an excluded folder', () => {
  const at = (...parts: string[]) => resolve(join('/', ...parts));
  it.each([
    [at('w', 'a'), [at('w', 'a')], 1],
    [at('w', 'a', 'b'), [at('w')], 1],
    [at('w', 'ab'), [at('w', 'a')], 0],
    [at('w'), [at('w', 'a')], 0],
    [at('w', '..a'), [at('w')], 1],
    [at('w', 'a'), [at('w', 'a'), at('w'), at('x')], 2],
  ])('%s is kept out by %j: %i', (folder, excluded, times) => {
    expect(excludedBy(folder, excluded)).toHaveLength(times);
  });
});

describe('words', () => {
  it('name agents, and find the place in a message', () => {
    expect(agentNames([])).toBe('');
    expect(agentNames(['cursor'])).toBe('Cursor');
    expect(agentNames(['cursor', 'vscode', 'codex'])).toBe('Cursor, VS Code and Codex CLI');
    expect(placeIn('C:\\Users\\me\\a, b.json, line 12: not valid JSON.')).toEqual({
      file: 'C:\\Users\\me\\a, b.json',
      line: 12,
    });
    expect(placeIn('Nothing of the kind.')).toBeUndefined();
  });
});
