import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageLine } from '../../src/contracts/conversations.ts';
import { type CliHome, cliHome } from './run.ts';

let cli: CliHome;
let cwd: string;
beforeAll(async () => {
  cli = await cliHome();
  cwd = join(cli.home, 'work space');
  await mkdir(cwd);
});
afterAll(() => cli.remove());

const read = async (file: string) => JSON.parse(await readFile(join(cwd, file), 'utf8'));

describe('setup', () => {
  it('shows what it would write, and writes nothing where nobody can be asked', async () => {
    const ran = await cli.run(['setup', '--vscode'], { cwd });
    expect(ran.code).toBe(4);
    expect(ran.stderr).toContain(join(cwd, '.vscode', 'mcp.json'));
    expect(ran.stderr).toContain('+ ');
    await expect(stat(join(cwd, '.vscode'))).rejects.toThrow();
  });

  it('registers with the editors asked for, writes tasks, proves itself and leaves no trace', async () => {
    const done = await cli.json(['setup', '--vscode', '--cursor', '--yes'], { cwd });
    expect(done).toMatchObject({ proven: true, editors: ['vscode', 'cursor'] });
    const { turnkeep } = (await read('.vscode/mcp.json')).servers;
    expect(turnkeep).toMatchObject({ type: 'stdio', env: { TURNKEEP_HOME: cli.home } });
    expect(turnkeep.args).toEqual(['mcp', '--project', '$'.concat('{workspaceFolder}')]);
    expect((await read('.cursor/mcp.json')).mcpServers.turnkeep.command).toBe(turnkeep.command);
    expect((await read('.vscode/tasks.json')).tasks).toHaveLength(5);
    expect(await cli.json<MessageLine[]>(['export'])).toEqual([]);
    const again = await cli.run(['setup', '--vscode', '--cursor'], { cwd });
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No file needed a change'),
    });
  });

  it('leaves a malformed file alone', async () => {
    await writeFile(join(cwd, '.vscode', 'mcp.json'), '{\n"servers": [\n');
    const ran = await cli.run(['setup', '--vscode', '--yes'], { cwd });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('line 3');
    expect(await readFile(join(cwd, '.vscode', 'mcp.json'), 'utf8')).toBe('{\n"servers": [\n');
  });

  it.runIf(process.platform !== 'win32')(
    'writes a launcher that runs this very version',
    async () => {
      const { launcher } = await cli.json<{ launcher: string }>(['setup', '--yes'], {
        cwd,
        env: { PATH: '' },
      });
      const { spawnSync } = await import('node:child_process');
      const ran = spawnSync(launcher, ['capture-query', '-', '--json'], {
        env: cli.env(),
        cwd,
        input: 'through the launcher',
      });
      expect(ran.stderr.toString()).toBe('');
      expect(JSON.parse(ran.stdout.toString())).toMatchObject({ turn_id: expect.any(String) });
      const [line] = await cli.json<MessageLine[]>(['export']);
      expect(line?.content).toBe('through the launcher');
    },
  );
});
