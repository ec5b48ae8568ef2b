import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureSettingsSchema } from '../../src/contracts/capture.ts';
import { absoluteFolders, exclusionOf } from '../../src/server/capture/settings/exclusion.ts';
import { DEFAULT_SETTINGS, SettingsStore } from '../../src/server/capture/settings/settings.ts';
import { setOwnRules } from '../../src/server/redaction/service.ts';
import { makeHome, removeHome } from '../support/server.ts';

let home: string;
let file: string;
const open = () => new SettingsStore(file, ({ redact }) => setOwnRules(redact));
beforeEach(async () => {
  home = await makeHome();
  file = join(home, 'capture.json');
});
afterEach(() => removeHome(home));

describe('the settings of capture', () => {
  it('are the defaults without a file, and what was set afterwards', async () => {
    const store = open();
    expect(await store.current()).toEqual(DEFAULT_SETTINGS);
    await store.set({ paused: true, exclude: { folders: ['/x'] }, retention: { max_bytes: 5 } });
    const after = await store.set({ exclude: { agents: ['codex'] }, watch: ['cursor'] });
    expect(after).toMatchObject({
      paused: true,
      watch: ['cursor'],
      exclude: { folders: ['/x'], agents: ['codex'], projects: [] },
      retention: { max_bytes: 5, max_age_days: null },
    });
    expect(await open().current()).toEqual(after);
    const two = await Promise.all([store.set({ paused: false }), store.set({ watch: [] })]);
    expect(two[1]).toMatchObject({ paused: false, watch: [] });
  });

  it('hold as soon as another program has written them', async () => {
    const store = open();
    await store.current();
    await writeFile(file, '\uFEFF{"paused":true}');
    expect((await store.current()).paused).toBe(true);
    await rm(file);
    expect(await store.current()).toEqual(DEFAULT_SETTINGS);
  });

  it.each(['{"paused":', '{"paused":"yes"}', '[]', '{"redact":[{"kind":"k","pattern":"("}]}'])(
    'that are malformed (%s) are told, and the last good ones hold, also after a restart',
    async (text) => {
      const store = open();
      await store.set({ paused: true, exclude: { folders: ['/secret'] } });
      await writeFile(file, text);
      expect((await store.current()).exclude.folders).toEqual(['/secret']);
      expect(store.problem).toContain(file);
      await expect(store.set({ paused: true })).rejects.toThrow(file);
      expect(await readFile(file, 'utf8')).toBe(text);
      const next = open();
      expect(await next.current()).toMatchObject({
        paused: false,
        exclude: { folders: ['/secret'] },
      });
      expect(next.problem).not.toBeNull();
      await writeFile(file, '{}');
      expect(await next.current()).toEqual(DEFAULT_SETTINGS);
      expect(next.problem).toBeNull();
    },
  );

  it('refuse a redaction pattern that is none, and stay as they are', async () => {
    const store = open();
    const bad = { redact: [{ kind: 'k', pattern: '(' }] };
    await expect(store.set(bad)).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await store.current()).redact).toEqual([]);
  });
});

describe('what is excluded', () => {
  const storedName = async (key: string) => (key === 'name:stored' ? 'Renamed' : null);
  const settings = (exclude: unknown, paused = false) =>
    captureSettingsSchema.parse({ paused, exclude });
  const inside = (folders: string[], exclude: unknown) =>
    exclusionOf(settings(exclude), { agent: 'cursor', folders }, storedName);

  it('is what lies in a folder, through links, also when it is gone by now', async () => {
    await mkdir(join(home, 'work', 'app'), { recursive: true });
    await symlink(join(home, 'work'), join(home, 'link'), 'junction');
    const exclude = { folders: [join(home, 'work')] };
    expect(await inside([join(home, 'work')], exclude)).toBe('folder');
    expect(await inside([join(home, 'link', 'app')], exclude)).toBe('folder');
    expect(await inside([join(home, 'link', 'gone', 'deep')], exclude)).toBe('folder');
    expect(await inside([join(home, 'workshop')], exclude)).toBeNull();
    expect(await inside([home], exclude)).toBeNull();
    expect(await inside([home, join(home, 'work', 'app')], exclude)).toBe('folder');
  });

  it('is a project by key or name, an agent, and everything while it is paused', async () => {
    const app = join(home, 'app');
    await mkdir(app);
    expect(await inside([app], { projects: ['app'] })).toBe('project');
    expect(await inside([app], { projects: ['other'] })).toBeNull();
    const named = (projects: string[]) =>
      exclusionOf(
        settings({ projects }),
        { agent: 'cursor', folders: [], project: { key: 'name:stored', name: 'stored' } },
        storedName,
      );
    expect(await named(['name:stored'])).toBe('project');
    expect(await named(['Renamed'])).toBe('project');
    expect(await inside([app], { agents: ['cursor'] })).toBe('agent');
    const paused = settings({}, true);
    expect(await exclusionOf(paused, { agent: 'cursor', folders: [] }, storedName)).toBe('paused');
  });

  it('is looked for in absolute folders alone', () => {
    expect(absoluteFolders([home, 'relative', null, undefined, '', home])).toEqual([home]);
  });
});
