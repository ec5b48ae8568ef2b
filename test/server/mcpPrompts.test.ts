import type { Client } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectMcp, type Era, eras, projectContext } from '../support/mcp.ts';
import { removeHome, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ env: { POSTGRES_DSN: 'mock://test' } });
});
afterAll(async () => {
  await server.stop();
  await removeHome(server.home);
});
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

async function connect(era: Era, options: Parameters<typeof connectMcp>[2] = {}) {
  const client = await connectMcp(server, era, options);
  clients.push(client);
  return client;
}

async function promptText(client: Client, name: string, args: Record<string, string> = {}) {
  const { messages } = await client.getPrompt({ name, arguments: args });
  return messages
    .map(({ content }) => {
      if (content.type === 'text') return content.text;
      return content.type === 'resource' && 'text' in content.resource ? content.resource.text : '';
    })
    .join('\n');
}

describe.each(eras)('MCP prompts, protocol %s', (era) => {
  it('lists them with their arguments, and completes those', async () => {
    await server.call('capture_user_query', { query: 'q' }, projectContext(`named ${era}`));
    const client = await connect(era);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['rehydrate', 'summarise', 'standup']);
    expect(prompts[0]?.arguments?.[0]).toMatchObject({ name: 'topic', required: true });
    const complete = async (prompt: string, name: string, value: string) => {
      const ref = { type: 'ref/prompt' as const, name: prompt };
      return (await client.complete({ ref, argument: { name, value } })).completion.values;
    };
    expect(await complete('rehydrate', 'role', 'pl')).toEqual(['planner', 'implementer']);
    expect(await complete('standup', 'project', `named ${era}`)).toEqual([`named ${era}`]);
    expect(await complete('rehydrate', 'topic', 'x')).toEqual([]);
  });

  it('rehydrates, stands up and summarises from what is stored', async () => {
    const context = projectContext(`prompts ${era}`);
    const query = 'Which index for the wombat table?';
    const response = 'We decided to use a covering index.';
    const turns = [{ query, response }];
    const { session_id } = await server.call('capture_turns', { turns }, context);
    const client = await connect(era, { context });
    const rehydrated = await promptText(client, 'rehydrate', { topic: 'wombat index' });
    expect(rehydrated).toContain(response);
    expect(rehydrated).toMatch(/<stored-conversations id="/);
    const standup = await promptText(client, 'standup', { hours: '2', project: '' });
    expect(standup).toContain(response);
    const { messages } = await client.getPrompt({ name: 'summarise' });
    const embedded = messages.find(({ content }) => content.type === 'resource');
    expect(embedded?.content).toMatchObject({
      resource: { uri: expect.stringMatching(/^turnkeep:\/\/session\//) },
    });
    const summary = await promptText(client, 'summarise', { session: session_id });
    expect(summary).toContain(response);
    const project = `prompts ${era}`;
    expect(await promptText(client, 'summarise', { project })).toContain(response);
  });

  it('says what is wrong with an argument, and that there is no such prompt', async () => {
    const client = await connect(era);
    const wrong: [string, Record<string, string>][] = [
      ['rehydrate', {}],
      ['rehydrate', { topic: 'x', max_tokens: 'many' }],
      ['standup', { hours: '-1' }],
      ['summarise', { session: '../x' }],
      ['summarise', { session: '018f3b9e-0000-7000-8000-000000000001' }],
      ['no_such_prompt', {}],
    ];
    for (const [name, args] of wrong) {
      const getting = client.getPrompt({ name, arguments: args });
      await expect(getting, `${name} ${JSON.stringify(args)}`).rejects.toMatchObject({
        code: -32602,
      });
    }
  });

  it('asks the person which project is meant, where the client can', async () => {
    const name = `twins ${era}`;
    const one = projectContext(name, `path:/one/${era}`);
    const two = projectContext(name, `path:/two/${era}`);
    const query = 'Which numbat?';
    await server.call('capture_user_query', { query: `${query} first` }, one);
    await server.call('capture_user_query', { query: `${query} second` }, two);
    const asked: string[] = [];
    let action: 'accept' | 'decline' = 'accept';
    const client = await connect(era, {
      capabilities: { elicitation: { form: {} } },
      prepare(created) {
        created.setRequestHandler('elicitation/create', ({ params }) => {
          asked.push(params.message);
          const schema = JSON.stringify('requestedSchema' in params ? params.requestedSchema : {});
          const [, id] = /"const":"([^"]+)","title":"[^"]*\/two\//.exec(schema) ?? [];
          return action === 'accept' ? { action, content: { project: id ?? '' } } : { action };
        });
      },
    });
    const call = { name: 'query_memory', arguments: { query: 'numbat', project: name } };
    const found = await client.callTool(call);
    expect(asked).toEqual([expect.stringContaining(name)]);
    expect(JSON.stringify(found.structuredContent)).toContain('second');
    expect(JSON.stringify(found.structuredContent)).not.toContain('first');
    expect(await promptText(client, 'rehydrate', { topic: 'numbat', project: name })).toContain(
      'second',
    );
    action = 'decline';
    expect(await client.callTool(call)).toMatchObject({ isError: true });
    expect(asked).toHaveLength(3);

    const mute = await connect(era);
    const refused = await mute.callTool(call);
    expect(refused.isError).toBe(true);
    expect(JSON.stringify(refused.content)).toContain('conflict');
  });
});
