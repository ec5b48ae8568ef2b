import { describe, expect, it } from 'vitest';
import type { SessionSummary, StoredMessage } from '../../../src/contracts/conversations.ts';
import { excerptAround } from '../../../src/extension/pages/excerpt.ts';
import {
  groupTurns,
  sessionMarkdown,
  turnMarkdown,
  turnTitle,
} from '../../../src/extension/pages/markdown.ts';
import { ago, fileTitle, oneLine } from '../../../src/extension/pages/plainText.ts';
import { safeMarkdown } from '../../../src/extension/pages/safeMarkdown.ts';
import { statisticsMarkdown } from '../../../src/extension/pages/statistics.ts';

const session: SessionSummary = {
  session_id: 's',
  project_id: 'p',
  project: 'demo|*x*',
  title: 'A title\nof two lines <b>',
  status: 'open',
  source: 'extension',
  agent: 'cursor',
  turn_count: 2,
  message_count: 3,
  created_at: '2026-11-02T10:00:00Z',
  last_activity_at: '2026-11-02T10:05:00Z',
};
const message = (turn_id: string, role: 'user' | 'assistant', content: string): StoredMessage => ({
  message_id: `${turn_id}-${role}`,
  turn_id,
  thread_id: 't',
  position: 0,
  role,
  content,
  created_at: '2026-11-02T10:00:00Z',
  model: role === 'assistant' ? 'gpt-5' : null,
  provenance: 'extension',
  metadata: {},
});
const messages = [
  message('1', 'user', 'What?'),
  message('2', 'user', 'Other'),
  message('1', 'assistant', 'That <img src=x> ![i](http://x/y.png)'),
];

describe('documents', () => {
  it('groups messages by turn and titles a turn by its question', () => {
    const turns = groupTurns(messages);
    expect(turns.map(({ turn_id, messages: own }) => [turn_id, own.length])).toEqual([
      ['1', 2],
      ['2', 1],
    ]);
    expect(turns.map((turn) => turnTitle(turn))).toEqual(['What?', 'Other']);
  });

  it('names the routes of a turn that was not kept by hand alone', () => {
    const given = (provenances: string[]) => {
      const turn = { turn_id: '1', messages: [{ ...message('1', 'user', 'What?'), provenances }] };
      return turnMarkdown(session, turn, 'safe');
    };
    expect(given(['hook', 'transcript'])).toMatch(/## Question · .* · by hook, transcript\n/);
    expect(given(['manual'])).not.toContain('by manual');
  });

  it('gives the text verbatim to copy, neutral to render', () => {
    const verbatim = sessionMarkdown(session, messages, 'verbatim');
    expect(verbatim).toContain('That <img src=x> ![i](http://x/y.png)');
    const safe = sessionMarkdown(session, messages, 'safe');
    expect(safe).not.toContain('<img');
    expect(safe).not.toContain('![');
    expect(safe.split('\n')[0]).toBe('# A title of two lines \\<b\\>');
    expect(safe).toContain('demo\\|\\*x\\*');
    expect(safe).toContain('## Answer · gpt-5 · 2026-11-02');
  });

  it('renders one turn', () => {
    const [turn] = groupTurns(messages);
    if (!turn) throw new Error('no turn');
    const text = turnMarkdown(session, turn, 'verbatim');
    expect(text).toContain('# What?');
    expect(text).not.toContain('Other');
  });
});

describe('safeMarkdown', () => {
  const ZW = '\u200B';
  it('keeps fenced code as it is', () => {
    const code = '```html\n<img src=x>\n![a](b)\n```';
    expect(safeMarkdown(code)).toBe(code);
  });
  it('closes a fence that was left open', () => {
    expect(safeMarkdown('~~~~\n<b>')).toBe('~~~~\n<b>\n~~~~');
  });
  it('does not take an info string with a backtick for a fence', () => {
    expect(safeMarkdown('``` a`b\n<img>')).toBe(`\`\`\` a\`b\n<${ZW}img>`);
  });
  it('ends an indented fence with its list item', () => {
    const text = safeMarkdown('- a\n  ```\n  code <b>\nout <img>');
    expect(text).toContain('code <b>');
    expect(text).toContain(`out <${ZW}img>`);
  });
  it('sees no fence inside a formula', () => {
    expect(safeMarkdown('$$\n```\n$$\n<img>')).toContain(`<${ZW}img>`);
  });
  it.each(['[x](command:a.b)', '[x]( COMMAND:a)', '[x]: command:a', '[x](vscode://a/b)'])(
    'breaks %s',
    (text) => {
      expect(safeMarkdown(text)).toContain(`${ZW}:`);
    },
  );
  it('leaves comparisons and arrows', () => {
    expect(safeMarkdown('a < b <- c <3')).toBe('a < b <- c <3');
  });
});

describe('plain text', () => {
  it('is one line, cut with an ellipsis', () => {
    expect(oneLine('a\r\n\tb\u202E\u0000c')).toBe('a b c');
    expect(oneLine('abcdef', 4)).toBe('abc…');
    expect(oneLine('👍👍👍', 2)).toBe('👍…');
  });
  it('names a file', () => {
    expect(fileTitle('a/b: c?')).toBe('a b c');
    expect(fileTitle('...')).toBe('Untitled');
  });
  it('says how long ago', () => {
    const now = Date.parse('2026-11-02T12:00:00Z');
    const at = (iso: string) => ago(iso, now);
    expect(at('2026-11-02T11:59:30Z')).toBe('just now');
    expect(at('2026-11-02T11:55:00Z')).toBe('5 min ago');
    expect(at('2026-11-02T09:00:00Z')).toBe('3 h ago');
    expect(at('2026-11-01T09:00:00Z')).toBe('yesterday');
    expect(at('2026-10-20T09:00:00Z')).toBe('13 days ago');
    expect(at('not a time')).toBe('not a time');
  });
  it('cuts an excerpt around the first word found', () => {
    const text = `${'lorem ipsum '.repeat(20)}needle in hay`;
    expect(excerptAround(text, 'Needle', 60)).toMatch(/^…(lorem|ipsum).*needle in hay$/);
    expect(excerptAround('short needle', 'needle', 60)).toBe('short needle');
  });
});

describe('statistics', () => {
  const totals = { projects: 1, sessions: 2, turns: 1234, messages: 5 };
  it('shows session, totals and models', () => {
    const text = statisticsMarkdown({
      stats: {
        session_id: 'abc',
        thread_id: 't',
        message_count: 3,
        turn_count: 2,
        project: 'demo',
        started_at: '2026-11-02T10:00:00Z',
        last_activity_at: null,
        totals,
      },
      models: [
        {
          model: 'gpt|5',
          turn_count: 7,
          last_used_at: '2026-11-02T10:00:00Z',
        },
        { model: 'never-used', turn_count: 0, last_used_at: null },
      ],
      projects: [],
    });
    expect(text).toContain('| Turns | 2 |');
    expect(text).toContain('1,234');
    expect(text).toContain('gpt\\|5');
    expect(text).not.toContain('never-used');
    expect(text).not.toContain('## Projects');
  });
  it('says when no session is open', () => {
    const stats = {
      session_id: null,
      thread_id: null,
      message_count: 0,
      turn_count: 0,
      project: null,
      started_at: null,
      last_activity_at: null,
      totals,
    };
    expect(statisticsMarkdown({ stats, models: [], projects: [] })).toContain('No session is open');
  });
});
