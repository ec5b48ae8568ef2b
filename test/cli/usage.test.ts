import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { type CliHome, cliHome, cliPath, jsonError } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

const program = createProgram();
const verbs = program.commands.flatMap((command) => {
  const inner = command.commands.map((verb) => [command.name(), verb.name()]);
  return inner.length > 0 ? inner : [[command.name()]];
});

describe('help', () => {
  it.each(verbs.map((verb) => [verb.join(' '), verb] as const))(
    '%s explains itself',
    async (_, verb) => {
      const ran = await cli.run([...verb, '--help']);
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toContain(`Usage: turnkeep ${verb.join(' ')}`);
      expect(ran.stdout).toMatch(/Examples:\n {2}\S.*\n {4}\$ /);
      expect(ran.stdout).toContain('--json');
    },
  );

  it('gives the version, and the exit codes', async () => {
    expect((await cli.run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
    expect((await cli.run(['--help'])).stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong');
  });
});

describe('wrong usage is exit code 2, with the right usage', () => {
  it.each([
    [[], 'Usage: turnkeep [options] [command]'],
    [['capture-trun'], 'Did you mean capture-turn?'],
    [['capture-turn', 'only a query'], 'RESPONSE is missing'],
    [['capture-turn', '-', '-'], 'give "-" once'],
    [['capture-turn', 'q', 'r', '{bad'], 'not valid JSON'],
    [['capture-turn', 'q', 'r', '[1]'], 'must be a JSON object'],
    [['capture-query', 'q', '"text"'], 'must be a JSON object'],
    [['capture-response', 'r', '{"a":'], 'not valid JSON'],
    [['capture-query', '-dash'], 'goes after "--"'],
    [['stats', 'more'], 'Usage: turnkeep stats'],
    [['search'], 'QUERY'],
    [['search', ' '], 'QUERY is empty'],
    [['search', 'x', '--limit', '0'], '1 to 100'],
    [['search', 'x', '--all', '--project', 'p'], 'not both'],
    [['search', 'x', '--role', 'bob'], 'user, assistant'],
    [['search', 'x', '--since', 'soon'], '2w'],
    [['search', 'x', '--until', '2026-02-30'], '2w'],
    [['search', 'x', '--since', '2026-02-02', '--until', '2026-02-01'], 'later than'],
    [['rehydrate'], 'QUERY'],
    [['rehydrate', ' '], 'QUERY is empty'],
    [['rehydrate', 'x', '--role', 'boss'], 'planner, implementer, researcher, coder, general'],
    [['rehydrate', 'x', '--systems', 'ltst,brain'], 'ltst, cursor, cli, prime'],
    [['rehydrate', 'x', '--max-tokens', '1'], '50 to 200000'],
    [['rehydrate', 'x', '--all', '--project', 'p'], 'not both'],
    [['export', '--format', 'html'], 'jsonl, md'],
    [['delete'], 'Say what to delete'],
    [['delete', '--older-than', 'soon'], '0 or more'],
    [['serve', '--port', '70000'], '65535'],
    [['db'], 'Usage: turnkeep db'],
    [['db', 'nothing'], 'Usage: turnkeep db'],
    [['db', 'psql', '-c', 'x', '-f', 'y'], 'not both'],
    [['db', 'psql', '-c', '-- nothing'], 'no SQL'],
  ])('%j', async (args, reason) => {
    const [ran, asJson] = await Promise.all([cli.run(args), cli.run([...args, '--json'])]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('Usage: turnkeep');
    if (!args.includes('--json')) expect(ran.stderr).toContain(reason);
    expect(asJson).toMatchObject({ code: 2, stdout: '' });
    expect(jsonError(asJson).code).toBe('usage');
  });

  it('sends nothing: no server was started by any of this', async () => {
    const ran = await cli.run(['status', '--json']);
    expect(ran.code).toBe(3);
    expect(jsonError(ran).code).toBe('server_unreachable');
  });
});

describe('a reader that goes away', () => {
  it('is no error', async () => {
    const child = spawn(process.execPath, [cliPath, '--help'], {
      env: cli.env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
