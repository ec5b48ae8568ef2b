import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CallToolResult, Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CaptureResult, MessageLine } from '../../src/contracts/conversations.ts';
import { tools } from '../../src/contracts/tools.ts';
import { type CliHome, cliHome, cliPath } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

const eras = ['2025-11-25', '2026-07-28'] as const;
type Era = (typeof eras)[number];
type ConnectOptions = {
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  roots?: string;
};

/** A real client of one protocol era, over stdio to the built program. */
async function connect(era: Era, { args = [], env = {}, cwd, roots }: ConnectOptions = {}) {
  const client = new Client(
    { name: 'test-agent', version: '1.0.0' },
    {
      versionNegotiation: { mode: era === '2026-07-28' ? { pin: era } : 'legacy' },
      ...(roots ? { capabilities: { roots: {} } } : {}),
    },
  );
  if (roots) {
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: pathToFileURL(roots).href }] }));
  }
  const given = Object.entries(cli.env(env)).filter((pair): pair is [string, string] => !!pair[1]);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cliPath, 'mcp', ...args],
    env: Object.fromEntries(given),
    cwd: cwd ?? cli.home,
    stderr: 'pipe',
  });
  await client.connect(transport);
  clients.push(client);
  return { client, pid: transport.pid };
}

/** The text of a result, parsed. */
function said(result: CallToolResult): Record<string, unknown> {
  const [first] = result.content;
  return JSON.parse(first?.type === 'text' ? first.text : 'null');
}

async function capture(client: Client, query: string): Promise<CaptureResult> {
  const result = await client.callTool({ name: 'capture_user_query', arguments: { query } });
  return tools.capture_user_query.output.parse(result.structuredContent);
}

async function projectOf(query: string): Promise<string | undefined> {
  const lines = await cli.json<MessageLine[]>(['export']);
  return lines.find(({ content }) => content === query)?.project;
}

describe.each(eras)('turnkeep mcp, protocol %s', (era) => {
  it('lists the tools for models, with instructions that warn of stored text', async () => {
    const { client } = await connect(era);
    const listed = (await client.listTools()).tools;
    const wanted = Object.entries(tools).filter(([, { audience }]) => audience === 'model');
    expect(listed.map(({ name }) => name).sort()).toEqual(wanted.map(([name]) => name).sort());
    for (const tool of listed) expect(tool.outputSchema?.type, tool.name).toBe('object');
    expect(client.getInstructions()).toMatch(/untrusted data/);
  });

  it('captures, finds, and gives the object as text too', async () => {
    const { client } = await connect(era, { args: ['--project', `tools ${era}`] });
    await client.listTools();
    const { turn_id } = await capture(client, 'Where do the zebras graze?');
    const answer = await client.callTool({
      name: 'capture_ai_response',
      arguments: { response: 'In the savanna.', query_turn_id: turn_id },
    });
    expect(said(answer)).toEqual(answer.structuredContent);
    const found = await client.callTool({ name: 'query_memory', arguments: { query: 'zebras' } });
    expect(JSON.stringify(found.structuredContent)).toContain('Where do the zebras graze?');
  });

  it('keeps a session a process, apart from other processes', async () => {
    const p = { args: ['--project', `sessions ${era}`] };
    const [one, two] = await Promise.all([connect(era, p), connect(era, p)]);
    const a = await capture(one.client, 'a');
    const b = await capture(two.client, 'b');
    expect(a.session_id).not.toBe(b.session_id);
    expect((await capture(one.client, 'c')).session_id).toBe(a.session_id);
  });

  it('tells a tool error as a result, an unknown tool as a protocol error', async () => {
    const { client } = await connect(era);
    const result = await client.callTool({ name: 'capture_user_query', arguments: { query: '' } });
    expect(result.isError).toBe(true);
    expect(said(result)).toMatchObject({ code: 'invalid_request', message: expect.any(String) });
    await expect(client.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toMatchObject({
      code: -32602,
    });
  });

  it("takes the client's first root as the project, unless one is given", async () => {
    const roots = join(cli.home, `root ${era}`);
    await mkdir(roots, { recursive: true });
    const rooted = await connect(era, { roots });
    await capture(rooted.client, `rooted ${era}`);
    expect(await projectOf(`rooted ${era}`)).toContain(`root ${era}`);
    const env = { TURNKEEP_PROJECT: 'from env' };
    const given = await connect(era, { roots, env });
    await capture(given.client, `given ${era}`);
    expect(await projectOf(`given ${era}`)).toBe('from env');
  });

  it('takes the working folder as the project, but never the home folder', async () => {
    const here = await connect(era, { args: ['--project', '$'.concat('{workspaceFolder}')] });
    await capture(here.client, `here ${era}`);
    expect(await projectOf(`here ${era}`)).toBe(`path:${cli.home}`);
    const home = await connect(era, { cwd: homedir() });
    await capture(home.client, `home ${era}`);
    expect(await projectOf(`home ${era}`)).toBe('default');
  });

  it('has the conversations as resources and prompts too', async () => {
    const project = `resources ${era}`;
    const { client } = await connect(era, { args: ['--project', project] });
    const { session_id, turn_id } = await capture(client, `Where do okapi live ${era}?`);
    const uri = `turnkeep://session/${session_id}`;
    const { resources } = await client.listResources();
    expect(resources.map((resource) => resource.uri)).toContain(uri);
    for (const address of [uri, `turnkeep://turn/${turn_id}`]) {
      const [read] = (await client.readResource({ uri: address })).contents;
      expect(read).toMatchObject({ uri: address, text: expect.stringContaining('okapi') });
      expect(read && 'text' in read ? read.text : '').toMatch(/^<stored-conversations id="/);
    }
    const ref = { type: 'ref/resource' as const, uri: 'turnkeep://session/{id}' };
    const argument = { name: 'id', value: session_id.slice(0, 13) };
    expect((await client.complete({ ref, argument })).completion.values).toContain(session_id);
    const prompt = await client.getPrompt({ name: 'rehydrate', arguments: { topic: 'okapi' } });
    expect(JSON.stringify(prompt.messages)).toContain(`Where do okapi live ${era}?`);
    expect(JSON.stringify(prompt.messages)).toContain(project);
  });

  it('asks for the folders of the client before a prompt as before a call', async () => {
    const roots = join(cli.home, `prompted ${era}`);
    await mkdir(roots, { recursive: true });
    const { client } = await connect(era, { roots });
    const { messages } = await client.getPrompt({ name: 'standup' });
    expect(JSON.stringify(messages)).toContain(`prompted ${era}`);
  });

  it('tells of what its own captures change', async () => {
    const { client } = await connect(era, { args: ['--project', `changes ${era}`] });
    let lists = 0;
    const updated: string[] = [];
    client.setNotificationHandler('notifications/resources/list_changed', () => {
      lists += 1;
    });
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updated.push(params.uri);
    });
    if (era === '2026-07-28') await client.listen({ resourcesListChanged: true });
    const { session_id } = await capture(client, 'first');
    await vi.waitFor(() => expect(lists).toBe(1));
    const uri = `turnkeep://session/${session_id}`;
    if (era === '2026-07-28') await client.listen({ resourceSubscriptions: [uri] });
    else await client.subscribeResource({ uri });
    await capture(client, 'second');
    await vi.waitFor(() => expect(updated).toEqual([uri]));
    expect(lists).toBe(1);
  });

  it('gives up a call that the client cancels, and goes on with the next', async () => {
    const { client } = await connect(era, { args: ['--project', `cancelled ${era}`] });
    await capture(client, 'something to find');
    const cancel = new AbortController();
    const call = { name: 'query_memory', arguments: { query: 'something', project: '*' } };
    const cancelled = client.callTool(call, { signal: cancel.signal });
    cancel.abort('not wanted any more');
    await expect(cancelled).rejects.toThrow('not wanted any more');
    expect((await client.callTool(call)).isError).toBeFalsy();
  });

  it('goes on when the server was stopped between two calls', async () => {
    const { client } = await connect(era);
    await capture(client, `before ${era}`);
    await cli.stop();
    await capture(client, `after ${era}`);
    expect(await projectOf(`after ${era}`)).toBeDefined();
  });

  it('keeps what it cannot deliver, and says so', async () => {
    const env = {
      POSTGRES_DSN: 'postgres://me:secret@127.0.0.1:9/none',
      TURNKEEP_HOME: join(cli.home, `spool ${era}`),
    };
    const { client } = await connect(era, { env });
    const result = await client.callTool({
      name: 'capture_user_query',
      arguments: { query: 'kept' },
    });
    expect(result.isError).toBe(true);
    expect(said(result).message).toMatch(/do not capture it again/);
  });
});

describe('turnkeep mcp as a process', () => {
  it('takes a message of 8 MiB', async () => {
    const { client } = await connect('2026-07-28', { args: ['--project', 'large'] });
    const query = 'ü"\n'.repeat(2 * 1024 * 1024);
    await capture(client, query);
    const [line] = await cli.json<MessageLine[]>(['export', '--project', 'large']);
    expect(line?.content === query).toBe(true);
  });

  it('ends when its input ends, and writes nothing but protocol', async () => {
    await cli.json(['stats']);
    const child = spawn(process.execPath, [cliPath, 'mcp'], { env: cli.env(), stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const request = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 't', version: '1' },
      },
    };
    child.stdin.write(`${JSON.stringify(request)}\n`);
    await once(child.stdout, 'data');
    child.stdin.end();
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line).jsonrpc).toBe('2.0');
  });
});
