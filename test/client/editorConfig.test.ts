import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type McpRegistration,
  planMcpRegistration,
  planMcpRemoval,
  planTasks,
} from '../../src/client/editorConfig.ts';
import { applyEdit, parseJsonc } from '../../src/client/jsoncFile.ts';
import { makeHome, removeHome } from '../support/server.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await makeHome();
  file = join(folder, '.vscode', 'mcp.json');
  await mkdir(join(folder, '.vscode'));
});
afterEach(() => removeHome(folder));

function registration(more: Partial<McpRegistration> = {}): McpRegistration {
  return { editor: 'vscode', file, command: '/home/x y/turnkeep', args: ['mcp'], ...more };
}

describe('planMcpRegistration', () => {
  it("makes a new file in each editor's form", async () => {
    const vscode = await planMcpRegistration(registration());
    expect(vscode.before).toBeNull();
    expect(JSON.parse(vscode.after)).toEqual({
      servers: { turnkeep: { type: 'stdio', command: '/home/x y/turnkeep', args: ['mcp'] } },
    });
    const env = { TURNKEEP_HOME: '/h' };
    const cursor = await planMcpRegistration(registration({ editor: 'cursor', env }));
    expect(JSON.parse(cursor.after).mcpServers.turnkeep).toMatchObject({ env });
  });

  it('keeps comments, other servers, indentation, line ends and the byte order mark', async () => {
    const text =
      '\uFEFF{\r\n\t// mine\r\n\t"servers": {\r\n\t\t"other": { "command": "x", }, // last\r\n\t},\r\n\t"inputs": []\r\n}\r\n';
    await writeFile(file, text);
    const plan = await planMcpRegistration(registration());
    await applyEdit(plan);
    const written = await readFile(file, 'utf8');
    expect(written).toContain('// mine');
    expect(written).toContain('// last');
    expect(written.startsWith('\uFEFF{')).toBe(true);
    expect(written.replaceAll('\r\n', '')).not.toContain('\n');
    expect(written).toContain('\r\n\t\t"turnkeep": {');
    const value = parseJsonc(file, written);
    expect(Object.keys(value)).toEqual(['servers', 'inputs']);
    expect(value.servers).toMatchObject({ other: { command: 'x' } });
    expect(await readFile(`${file}.turnkeep-backup`, 'utf8')).toBe(text);
    const again = await planMcpRegistration(registration());
    expect(again.after).toBe(again.before);
  });

  it('replaces an older registration and can take it out again', async () => {
    await applyEdit(await planMcpRegistration(registration({ command: 'old' })));
    await applyEdit(await planMcpRegistration(registration()));
    expect(JSON.parse(await readFile(file, 'utf8')).servers.turnkeep.command).toBe(
      '/home/x y/turnkeep',
    );
    const removal = await planMcpRemoval('vscode', file);
    expect(removal && JSON.parse(removal.after)).toEqual({ servers: {} });
    if (removal) await applyEdit(removal);
    expect(await planMcpRemoval('vscode', file)).toBeNull();
  });

  it.each([
    ['{\n  "servers": {\n    "a": nope\n  }\n}', /line 3/],
    ['[1]', /does not hold a JSON object/],
    ['{"servers": {}', /line 1/],
  ])('refuses %j and leaves it as it is', async (text, reason) => {
    await writeFile(file, text);
    await expect(planMcpRegistration(registration())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(reason),
    });
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('takes an empty file as an empty object', async () => {
    await writeFile(file, '\n');
    const plan = await planMcpRegistration(registration());
    expect(JSON.parse(plan.after).servers.turnkeep.type).toBe('stdio');
  });
});

describe('applyEdit', () => {
  it('refuses when the file was changed after the plan', async () => {
    const plan = await planMcpRegistration(registration());
    await writeFile(file, '{"mine": 1}');
    await expect(applyEdit(plan)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(file, 'utf8')).toBe('{"mine": 1}');
  });

  it('writes through a symbolic link', async () => {
    const real = join(folder, 'dotfiles.json');
    await writeFile(real, '{}');
    await symlink(real, file);
    await applyEdit(await planMcpRegistration(registration()));
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toContain('turnkeep');
  });

  it('writes nothing when there is nothing to do', async () => {
    await applyEdit({ file, before: '{}', after: '{}' });
    expect(await readdir(join(folder, '.vscode'))).toEqual([]);
  });
});

describe('planTasks', () => {
  const command = '/x/turnkeep';

  it('adds the five actions and their inputs once, beside what is there', async () => {
    const tasks = join(folder, '.vscode', 'tasks.json');
    await writeFile(
      tasks,
      '{\n  // build\n  "version": "2.0.0",\n  "tasks": [{ "label": "build" }]\n}\n',
    );
    await applyEdit(await planTasks({ file: tasks, command }));
    const written = await readFile(tasks, 'utf8');
    expect(written).toContain('// build');
    const value = parseJsonc(tasks, written);
    expect(value.tasks).toHaveLength(6);
    expect(value.tasks).toContainEqual(
      expect.objectContaining({
        label: 'Turnkeep: Capture Conversation Turn',
        type: 'process',
        args: [
          'capture-turn',
          '--',
          '$'.concat('{input:turnkeepQuery}'),
          '$'.concat('{input:turnkeepResponse}'),
        ],
      }),
    );
    expect(value.inputs).toHaveLength(2);
    const again = await planTasks({ file: tasks, command });
    expect(again.after).toBe(again.before);
    const moved = await planTasks({ file: tasks, command: '/y/turnkeep' });
    expect(parseJsonc(tasks, moved.after).tasks).toHaveLength(6);
    expect(moved.after).not.toContain('/x/turnkeep');
  });

  it('makes a whole file', async () => {
    const plan = await planTasks({ file: join(folder, 'tasks.json'), command });
    expect(JSON.parse(plan.after)).toMatchObject({ version: '2.0.0' });
  });
});
