import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { TestApi } from '../../../src/extension/testApi.ts';
import { answering } from './answers.ts';
import { connected, until } from './support.ts';

const show = () => vscode.commands.executeCommand('turnkeep.showTokens');
const create = () => vscode.commands.executeCommand('turnkeep.createToken');
const close = () => vscode.commands.executeCommand('workbench.action.closeQuickOpen');

/** Answers the input box of a name. */
async function naming(name: string, work: () => Promise<unknown>): Promise<void> {
  const { window } = vscode;
  const before = window.showInputBox;
  Object.assign(window, { showInputBox: async () => name });
  try {
    await work();
  } finally {
    Object.assign(window, { showInputBox: before });
  }
}

async function tokensOf({ app }: TestApi, name: string) {
  const { tokens } = await app.server.call('list_tokens', {});
  return tokens.filter((token) => token.name === name);
}

/** Takes the list that opens as the person would, by the keyboard. */
async function listing<T>(
  look: (pick: vscode.QuickPick<vscode.QuickPickItem>) => Promise<T>,
): Promise<T> {
  const { window } = vscode;
  const before = window.createQuickPick;
  let made: vscode.QuickPick<vscode.QuickPickItem> | undefined;
  Object.assign(window, {
    createQuickPick: () => {
      made = before.call(window);
      return made;
    },
  });
  try {
    await show();
    assert.ok(made, 'a list opened');
    return await look(made);
  } finally {
    Object.assign(window, { createQuickPick: before });
    await close();
  }
}

describe('access tokens', () => {
  it('are made into the clipboard, and shown nowhere else', async () => {
    const api = await connected();
    await vscode.env.clipboard.writeText('before');
    let told: { text: string }[] = [];
    await naming('Suite script', async () => {
      told = await answering(api, [[/^Read /], [/^7 days/]], create);
    });
    const token = await vscode.env.clipboard.readText();
    assert.equal(token.split('.').length, 3);
    assert.match(told[0]?.text ?? '', /Suite script.*in the clipboard/);
    const signature = token.split('.')[2] ?? '';
    assert.ok(!told.some(({ text }) => text.includes(signature)));
    const { logs } = api.app.server.home;
    for (const name of readdirSync(logs)) {
      assert.ok(!readFileSync(join(logs, name), 'utf8').includes(signature), name);
    }
    const [made] = await tokensOf(api, 'Suite script');
    assert.deepEqual(made?.permissions, ['conversations:read', 'memory:read']);
    assert.ok(Date.parse(made?.expires_at ?? '') - Date.now() < 7.1 * 86_400_000);
  });

  it('may be chosen permission by permission, and leaving makes none', async () => {
    const api = await connected();
    await naming('Suite chosen', () =>
      answering(api, [[/^Choose/], [/^server:read /], [/^30 days/]], create),
    );
    assert.deepEqual((await tokensOf(api, 'Suite chosen'))[0]?.permissions, ['server:read']);
    await naming('Suite left', () => answering(api, [() => undefined], create));
    assert.deepEqual(await tokensOf(api, 'Suite left'), []);
  });

  it('are listed with their permissions, last use and end; those of our clients too', async () => {
    await listing(async (pick) => {
      const own = pick.items.find(({ label }) => label === '$(key) extension');
      assert.match(own?.description ?? '', /^used just now · expires in \d+ days$/);
      assert.match(own?.detail ?? '', /conversations:read, .*server:read/);
      assert.ok(!own?.detail?.includes('server:admin'));
      const script = pick.items.find(({ label }) => label === '$(key) Suite script');
      assert.match(script?.description ?? '', /^not used since the server started · expires in/);
      assert.equal(script?.buttons?.[0]?.tooltip, 'Revoke This Token');
    });
  });

  it('are revoked after the person agrees, and not before', async () => {
    const api = await connected();
    const choose = () =>
      listing(async (pick) => {
        const item = pick.items.find(({ label }) => label.endsWith('Suite script'));
        assert.ok(item, 'it is listed');
        // The list tells what is chosen in it once it is there.
        let shown: unknown;
        pick.onDidChangeActive(([one]) => {
          shown = one;
        });
        await until(
          'chosen',
          () => {
            if (shown !== item) pick.activeItems = [item];
            return shown === item;
          },
          Boolean,
        );
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        await until('asked', () => asked, Boolean);
      });
    let asked = false;
    const { messages } = api.app;
    const before = messages.agree;
    try {
      for (const agrees of [false, true]) {
        asked = false;
        messages.agree = async (question, detail, action) => {
          assert.match(question, /Revoke the token “Suite script”/);
          assert.match(detail, /refused from now on/);
          assert.equal(action, 'Revoke');
          asked = true;
          return agrees;
        };
        await choose();
        if (!agrees) assert.equal((await tokensOf(api, 'Suite script'))[0]?.revoked_at, null);
      }
    } finally {
      messages.agree = before;
    }
    await until(
      'revoked',
      () => tokensOf(api, 'Suite script'),
      ([token]) => token?.revoked_at !== null,
    );
    await listing(async (pick) => {
      const item = pick.items.find(({ label }) => label === '$(circle-slash) Suite script');
      assert.match(item?.description ?? '', /^revoked just now/);
      assert.deepEqual(item?.buttons, []);
    });
  });

  it('shuts the extension out when its own is revoked, until the server is restarted', async () => {
    const { app } = await connected();
    const [own] = (await app.server.call('list_tokens', {})).tokens.filter(
      ({ name, revoked_at }) => name === 'extension' && revoked_at === null,
    );
    await app.server.callAsPerson('revoke_token', { token_id: own?.token_id });
    await assert.rejects(app.server.call('get_conversation_stats', {}), /Restart Server/);
    await vscode.commands.executeCommand('turnkeep.restartServer');
    await app.server.call('get_conversation_stats', {});
  });
});
