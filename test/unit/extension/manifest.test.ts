import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commands, keybindings } from '../../../src/extension/manifest/commands.ts';
import { settings } from '../../../src/extension/manifest/settings.ts';
import {
  contextKeys,
  itemKinds,
  menus,
  views,
  welcome,
} from '../../../src/extension/manifest/views.ts';
import { walkthroughs } from '../../../src/extension/manifest/walkthrough.ts';
import { manifestSections } from '../../../src/extension/manifest.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const source = join(root, 'src', 'extension');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('manifest'))
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n');
const ids = commands.map(({ command }) => command as string);

describe('package.json', () => {
  it('is what the tables say', () => {
    for (const [name, section] of Object.entries(manifestSections)) {
      expect(packageJson[name], name).toEqual(section);
    }
  });
});

describe('commands', () => {
  it('are unique, and each has a handler', () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(code).toContain(`'${id}':`);
  });

  it('hold the five captures with their chords', () => {
    const chords: Record<string, [string, string]> = {
      'turnkeep.captureTurn': ['Capture Conversation Turn', 't'],
      'turnkeep.captureQuery': ['Capture User Query', 'q'],
      'turnkeep.captureResponse': ['Capture AI Response', 'r'],
      'turnkeep.showStatistics': ['Show Session Statistics', 's'],
      'turnkeep.closeSession': ['Close Session', 'x'],
    };
    for (const [command, [title, letter]] of Object.entries(chords)) {
      expect(packageJson.contributes.commands).toContainEqual(
        expect.objectContaining({ command, title, category: 'Turnkeep' }),
      );
      expect(keybindings).toContainEqual({
        command,
        key: `ctrl+shift+c ctrl+shift+${letter}`,
        mac: `cmd+shift+c cmd+shift+${letter}`,
        when: '!terminalFocus && config.turnkeep.keybindings.enabled',
      });
    }
  });

  it('hold those of automatic capture, greyed out where they make no sense', () => {
    const titles = {
      'turnkeep.turnOnCapture': ['Turn On Automatic Capture'],
      'turnkeep.turnOffCapture': ['Turn Off Automatic Capture'],
      'turnkeep.importHistory': ['Import History'],
      'turnkeep.pauseCapture': ['Pause Automatic Capture', '!turnkeep.capturePaused'],
      'turnkeep.resumeCapture': ['Resume Automatic Capture', 'turnkeep.capturePaused'],
      'turnkeep.includeFolder': ['Include This Folder in Capture Again', 'turnkeep.folderExcluded'],
    };
    for (const [command, [title, enablement]] of Object.entries(titles)) {
      const row = { command, title, category: 'Turnkeep', ...(enablement ? { enablement } : {}) };
      expect(packageJson.contributes.commands).toContainEqual(expect.objectContaining(row));
    }
  });

  it('that menus, keys and welcome texts name are there', () => {
    const named = [
      ...Object.values(menus).flatMap((rows) => rows.map(({ command }) => command as string)),
      ...keybindings.map(({ command }) => command as string),
      ...welcome.flatMap(({ contents }) =>
        [...contents.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id ?? ''),
      ),
    ];
    for (const id of named) expect(ids).toContain(id);
  });
});

describe('context keys', () => {
  it('that clauses read are set by the code', () => {
    const clauses = JSON.stringify(manifestSections.contributes);
    const read = new Set(
      [
        ...clauses.matchAll(
          /(?<![.\w])!?(turnkeep\.(?:capture|folder|empty|state|problem|modelsFiltered)\w*)/g,
        ),
      ].map(([, key]) => key),
    );
    const known: string[] = Object.values(contextKeys);
    const ours = [...read].filter((key) => !ids.includes(key ?? ''));
    expect(ours.length).toBeGreaterThan(3);
    for (const key of ours) expect(known).toContain(key);
  });
});

describe('the walkthrough', () => {
  it('has commands and pictures that are there', () => {
    const steps = walkthroughs.flatMap((one) => one.steps);
    expect(steps[0]?.id).toBe('capture');
    for (const { description, media, completionEvents } of steps) {
      const [, command] = /\(command:([\w.]+)\)$/.exec(description) ?? [];
      expect(ids).toContain(command);
      expect(completionEvents).toEqual([`onCommand:${command}`]);
      expect(existsSync(join(root, media.image)), media.image).toBe(true);
    }
  });
});

describe('settings', () => {
  it('are typed, described and read by the code', () => {
    for (const [key, row] of Object.entries(settings)) {
      expect(typeof row.default, key).toBe(row.type === 'integer' ? 'number' : row.type);
      expect(row.markdownDescription.length, key).toBeGreaterThan(20);
      const used = code.includes(`'${key}'`) || JSON.stringify(keybindings).includes(key);
      expect(used, key).toBe(true);
    }
  });

  it('that decide where data goes cannot come from a folder', () => {
    for (const key of ['turnkeep.home', 'turnkeep.server.port'] as const) {
      expect(settings[key].scope).toBe('machine');
    }
    const { restrictedConfigurations } = manifestSections.capabilities.untrustedWorkspaces;
    expect(restrictedConfigurations).toContain('turnkeep.mcp.register');
  });
});

describe('views', () => {
  it('are the three, and every kind of item is in a menu', () => {
    expect(views.map(({ name }) => name)).toEqual(['Conversations', 'Models', 'Integrations']);
    const clauses = Object.values(menus)
      .flat()
      .map(({ when }) => when ?? '')
      .join(' ');
    for (const kind of Object.values(itemKinds)) expect(clauses).toContain(kind);
  });
});
