import { describe, expect, it } from 'vitest';
import { tokenise } from '../../../src/server/memory/tokens/tokenise.ts';

describe('tokenise', () => {
  it('brings forms of a word together', () => {
    expect(tokenise('runs running ran')).toEqual(['run', 'run', 'run']);
    expect(tokenise("The children's children were taught")).toEqual(['child', 'child', 'teach']);
    expect(tokenise('we wrote it; it was written by writers')).toContain('write');
  });

  it('leaves out stop words, whatever their apostrophe', () => {
    expect(tokenise("I don't know what it\u2019s about, wasnt there")).toEqual(['know']);
    expect(tokenise('the of and')).toEqual([]);
  });

  it('keeps identifiers, paths, codes and versions whole and in parts', () => {
    expect(tokenise('getUserById()')).toEqual(
      expect.arrayContaining(['getuserbyid', 'user', 'id']),
    );
    expect(tokenise('max_pool_size')).toEqual(
      expect.arrayContaining(['max_pool_size', 'max', 'pool', 'size']),
    );
    const path = tokenise('see src/server/main.ts:42.');
    expect(path).toEqual(expect.arrayContaining(['src/server/main.ts:42', 'server', 'main']));
    expect(tokenise('TS2322')).toEqual(expect.arrayContaining(['ts2322', '2322']));
    expect(tokenise('v1.22.0-rc.1')).toEqual(['1.22.0-rc.1']);
    expect(tokenise('HTTPServer')).toEqual(
      expect.arrayContaining(['httpserver', 'http', 'server']),
    );
    expect(tokenise('C++ and C#')).toEqual(['c++', 'c#']);
  });

  it('takes hyphens apart and also closes them up', () => {
    expect(tokenise('de-stress')).toEqual(expect.arrayContaining(tokenise('destress')));
  });

  it('folds accents and width', () => {
    expect(tokenise('Café ﬁne ＡＢＣ')).toEqual(['cafe', 'fine', 'abc']);
    expect(tokenise('Straße ÅNGSTRÖM')).toEqual(tokenise('straße angstrom'));
  });

  it('pairs East Asian characters, and keeps what stands between', () => {
    expect(tokenise('東京都')).toEqual(['東京', '京都']);
    expect(tokenise('木')).toEqual(['木']);
    expect(tokenise('使用PostgreSQL数据库')).toEqual(
      expect.arrayContaining(['使用', '数据', '据库', 'postgresql']),
    );
  });

  it('keeps emoji and digits, and survives anything', () => {
    expect(tokenise('🎉 4 of 12')).toEqual(expect.arrayContaining(['🎉', '4', '12']));
    for (const text of ['', '\0', '\ud800', "''''", '....', '-'.repeat(1000), 'x'.repeat(5000)]) {
      expect(tokenise(text)).toEqual([]);
    }
    expect(tokenise('a/'.repeat(60_000)).length).toBeLessThan(200_000);
  });
});
