import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { registerWithCursor } from '../../../src/extension/hosts/cursor.ts';
import { registerWithVsCode } from '../../../src/extension/hosts/vscode.ts';
import { connected } from './support.ts';

describe('MCP registration', () => {
  it('offers VS Code a server that starts and lists its tools', async () => {
    const { mcp } = await connected();
    assert.equal(typeof vscode.lm.registerMcpServerDefinitionProvider, 'function');
    const state = await mcp.state('vscode', true);
    assert.equal(state.registered, 'api');
    assert.ok(state.probe && 'tools' in state.probe, JSON.stringify(state.probe));
    assert.ok(state.probe.tools >= 5);
    const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.equal(mcp.offered()?.env.TURNKEEP_PROJECT, root);
  });

  it('lists tools whose schemas VS Code accepts; it leaves out the others', async () => {
    const { app } = await connected();
    const { url, token } = await app.server.connect();
    const headers = { authorization: `Bearer ${token}` };
    const { tools } = (await (await fetch(`${url}/mcp/tools`, { headers })).json()) as {
      tools: { name: string; inputSchema: object }[];
    };
    assert.ok(tools.length >= 5);
    // What the editor itself does with a schema; one that must be fetched fails offline.
    const draft = vscode.Uri.parse('https://json-schema.org/draft-07/schema');
    for (const { name, inputSchema } of tools) {
      const text = JSON.stringify(inputSchema);
      const found = await vscode.commands.executeCommand<unknown[]>('json.validate', draft, text);
      assert.deepEqual(found, [], name);
    }
  });

  it('gives VS Code the secret environment only when it starts the server', async () => {
    const command = { command: 'node', args: ['cli.mjs', 'mcp'], env: { A: '1' } };
    let provider: vscode.McpServerDefinitionProvider | undefined;
    const host = {
      registerMcpServerDefinitionProvider: (
        _id: string,
        given: vscode.McpServerDefinitionProvider,
      ) => {
        provider = given;
        return new vscode.Disposable(() => undefined);
      },
    };
    const offer = { command: () => command, secretEnv: async () => ({ SECRET: 'x' }) };
    const registration = registerWithVsCode(host, offer);
    const { token } = new vscode.CancellationTokenSource();
    const [definition] = (await provider?.provideMcpServerDefinitions(token)) ?? [];
    assert.ok(definition instanceof vscode.McpStdioServerDefinition);
    assert.deepEqual(definition.env, { A: '1' });
    await provider?.resolveMcpServerDefinition?.(definition, token);
    assert.deepEqual(definition.env, { A: '1', SECRET: 'x' });
    registration?.dispose();
    assert.equal(registerWithVsCode(undefined, offer), undefined);
    assert.equal(registerWithVsCode({}, offer), undefined);
  });

  it("registers with Cursor's own API where there is one, and follows the setting", async () => {
    const { mcp } = await connected();
    const calls: string[] = [];
    const api = {
      mcp: {
        registerServer: ({ name, server }: { name: string; server: { args: string[] } }) =>
          calls.push(`register ${name} ${server.args.at(-1)}`),
        unregisterServer: (name: string) => calls.push(`unregister ${name}`),
      },
    };
    const offer = { command: () => mcp.offered(), secretEnv: async () => ({}) };
    assert.equal(registerWithCursor(undefined, offer), undefined);
    const registration = registerWithCursor(api, offer);
    assert.deepEqual(calls, ['register turnkeep mcp']);
    const configuration = vscode.workspace.getConfiguration();
    const { Global } = vscode.ConfigurationTarget;
    await configuration.update('turnkeep.mcp.register', false, Global);
    assert.deepEqual(calls, ['register turnkeep mcp', 'unregister turnkeep']);
    assert.equal((await mcp.state('vscode', true)).registered, 'declined');
    await configuration.update('turnkeep.mcp.register', undefined, Global);
    assert.equal(calls.at(-1), 'register turnkeep mcp');
    registration?.dispose();
    assert.equal(calls.at(-1), 'unregister turnkeep');
  });
});
