import { describe, expect, it } from 'vitest';
import { markTexts, unmark, wantsJson } from '../../src/cli/argv.ts';
import { moment } from '../../src/cli/dates.ts';
import { systemsOf } from '../../src/cli/memoryOptions.ts';
import { excerpt, markTerms } from '../../src/cli/output/excerpt.ts';
import { describeEdit } from '../../src/cli/output/fileEdit.ts';
import { displayWidth, sqlTable } from '../../src/cli/output/table.ts';
import { terminalJson } from '../../src/cli/output/terminal.ts';
import { bytes, count, duration, harmless, oneLine } from '../../src/cli/output/text.ts';
import { allStatements, splitSql } from '../../src/cli/sql.ts';

describe('arguments', () => {
  it('tell text that begins with a dash from options', () => {
    const argv = [
      '- a list',
      '--json',
      '-n',
      '5',
      '--project=a b',
      '-',
      '--',
      '-- SELECT 1\n',
      '-\ta',
    ];
    const marked = markTexts(argv);
    expect(marked.flatMap((text, index) => (text === argv[index] ? [] : [index]))).toEqual([
      0, 7, 8,
    ]);
    expect(unmark(marked)).toEqual(argv);
    expect(unmark({ a: marked[0], n: 5, b: true })).toEqual({ a: '- a list', n: 5, b: true });
  });

  it('ask for JSON before "--" alone', () => {
    expect(wantsJson(['stats', '--json'])).toBe(true);
    expect(wantsJson(['capture-query', '--', '--json'])).toBe(false);
  });
});

describe('splitSql', () => {
  it.each([
    ['SELECT 1; SELECT 2', ['SELECT 1', ' SELECT 2']],
    [`SELECT ';', "a;b", E'\\';' ; SELECT 2;`, [`SELECT ';', "a;b", E'\\';' `, ' SELECT 2']],
    ['SELECT $$;$$; SELECT $x$ ; $$ ; $x$', ['SELECT $$;$$', ' SELECT $x$ ; $$ ; $x$']],
    ['-- a; b\nSELECT 1 /* ; */; -- end', ['-- a; b\nSELECT 1 /* ; */']],
    [";;\n;'it''s;'", ["\n'it''s;'".slice(1)]],
    ['SELECT a$1;b', ['SELECT a$1', 'b']],
  ])('%j', (text, statements) => {
    expect(allStatements(text)).toEqual(statements);
  });

  it('waits for the end of a string', () => {
    for (const rest of [" SELECT 'a;", ' SELECT "a;', ' /* ;', ' DO $$ ;', " SELECT E'\\';"]) {
      expect(splitSql(`SELECT 1;${rest}`)).toEqual({ statements: ['SELECT 1'], rest });
    }
  });
});

describe('sqlTable', () => {
  const table = (columns: string[], rows: (string | null)[][], command = 'SELECT') => {
    return sqlTable({ columns, rows, command, row_count: rows.length });
  };

  it('prints as psql does', () => {
    expect(
      table(
        ['name', 'n', 'text'],
        [
          ['a', '1', 'two\nlines'],
          ['漢字', null, null],
          ['b', '-22.5', 'x'],
        ],
      ),
    ).toBe(
      [
        ' name |   n   | text  ',
        '------+-------+-------',
        ' a    |     1 | two  +',
        '      |       | lines',
        ' 漢字 |       |',
        ' b    | -22.5 | x',
        '(3 rows)',
      ].join('\n'),
    );
    expect(table(['n'], [['1']])).toContain('(1 row)');
    expect(table(['n'], [])).toBe(' n \n---\n(0 rows)');
  });

  it('says what a statement without rows did', () => {
    const done = (command: string) => sqlTable({ columns: [], rows: [], command, row_count: 3 });
    expect(['INSERT', 'UPDATE', 'CREATE TABLE'].map(done)).toEqual([
      'INSERT 0 3',
      'UPDATE 3',
      'CREATE TABLE',
    ]);
  });

  it('counts columns of the terminal, not characters', () => {
    expect(['ab', '漢字', 'e\u0301', '🎉', 'a\u200db'].map(displayWidth)).toEqual([2, 4, 1, 2, 2]);
  });
});

describe('text for people', () => {
  it('lets nothing stored reach the terminal as a command', () => {
    expect(harmless('a\u001b[31mb\u0007\u0085\u202ec\r\nd\te\rf\u007f')).toBe(
      'a␛[31mb␇\ufffd\ufffdc\nd\te␍f␡',
    );
    expect(terminalJson({ a: '\u009b31m\u001b' })).toBe('{"a":"\\u009b31m\\u001b"}');
    expect(oneLine('a\n\n b   c\u001b', 5)).toBe('a b …');
  });

  it('counts, and writes amounts and times', () => {
    expect([count(1, 'turn'), count(0, 'turn'), count(12_345, 'entry', 'entries')]).toEqual([
      '1 turn',
      '0 turns',
      '12,345 entries',
    ]);
    expect([0, 999, 1000, 134_000, 1.5e9].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 KB',
      '134 KB',
      '1.5 GB',
    ]);
    expect([5, 65, 3700, 90_000].map(duration)).toEqual(['5 s', '1 min', '1 h 1 min', '1 d 1 h']);
  });

  it('cuts an excerpt around the words looked for, and marks them', () => {
    const text = `${'x '.repeat(300)}the Cache expires 🎉${' y'.repeat(300)}`;
    const part = excerpt(text, 'cache', 60);
    expect(part).toMatch(/^… ?x .*Cache expires.*y ?…$/);
    expect(part.length).toBeLessThanOrEqual(62);
    expect(markTerms('Cache, cached', 'the cache?', (word) => `<${word}>`)).toBe(
      '<Cache>, <cached>',
    );
    expect(markTerms('a+b', 'a+ (', (word) => `<${word}>`)).toBe('a+b');
  });

  it('describes a change of a file by its lines', () => {
    const edit = { file: 'f', before: '{\n  "a": 1\n}\n', after: '{\n  "a": 1,\n  "b": 2\n}\n' };
    const plain = (_: string, text: string) => text;
    expect(describeEdit(edit, plain)).toBe(
      'Change in f\n  -   "a": 1\n  +   "a": 1,\n  +   "b": 2',
    );
    expect(describeEdit({ ...edit, before: null, after: '{}\n' }, plain)).toBe(
      'New file f\n  + {}',
    );
  });
});

describe('marked words', () => {
  const marked = (text: string, query: string) => markTerms(text, query, (word) => `[${word}]`);

  it.each([
    ['When does the cache expire?', 'expiring caches', 'When does the [cache] [expire]?'],
    ['Backups run daily', 'how do the backups run', '[Backups] [run] daily'],
    ['go in mind', 'go', '[go] in mind'],
    ['the end of it', 'the', '[the] end of it'],
    ['数据库在哪里', '数据库', '[数据库]在哪里'],
    ['flushCache(ECONNRESET)', 'cache econnreset', 'flush[Cache]([ECONNRESET])'],
    ['nothing', '?!', 'nothing'],
  ])('%j for %j', (text, query, expected) => {
    expect(marked(text, query)).toBe(expected);
  });
});

describe('moment', () => {
  const now = Date.UTC(2026, 10, 22, 12);

  it('counts back from now', () => {
    expect(moment('12h', { now })).toBe('2026-11-22T00:00:00.000Z');
    expect(moment('7d', { now })).toBe('2026-11-15T12:00:00.000Z');
    expect(moment('2w', { now })).toBe('2026-11-08T12:00:00.000Z');
  });

  it('takes a day whole, in the time zone of the machine', () => {
    const [from, to] = [moment('2026-03-04'), moment('2026-03-04', { end: true })];
    expect(new Date(from).getTime()).toBe(new Date(2026, 2, 4).getTime());
    expect(new Date(to).getTime()).toBe(new Date(2026, 2, 5).getTime() - 1);
  });

  it.each(['', 'soon', '7', '7y', '2026-02-30', '2026-13-01', '2026'])('refuses %j', (text) => {
    expect(() => moment(text)).toThrow(/Expected is a date/);
  });
});

describe('systemsOf', () => {
  it('takes names between commas once, go_cli for cli', () => {
    expect(systemsOf('LTST, go_cli,cli,prime')).toEqual(['ltst', 'cli', 'prime']);
    expect(() => systemsOf('ltst,,cursor')).toThrow(/ltst, cursor, cli, prime/);
  });
});
