import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import * as vscode from 'vscode';
import { stopServer } from '../../../src/client/connection.ts';
import { findServer } from '../../../src/client/discovery.ts';
import { allTurns, capture, connected, textOf, until } from './support.ts';

describe('without a server', () => {
  it('captures wait in the spool, the view says what is wrong, and they arrive later, once', async () => {
    const api = await connected();
    const { server, secrets } = api.app;
    // A database that nobody answers for: the server cannot start.
    await secrets.setDsn('postgresql://nobody@127.0.0.1:1/nothing', false);
    await assert.rejects(server.restart());
    assert.equal(server.state.kind, 'down');
    const kept = await capture('captureTurn', { query: 'in the dark', response: 'kept' });
    assert.equal(kept.stored, false);
    const asked = await capture('captureQuery', { query: 'also in the dark' });
    assert.equal(asked.stored, false);
    const waiting = () => readdirSync(server.home.spool).filter((name) => name.endsWith('.json'));
    assert.equal(waiting().length, 2);
    assert.ok(waiting().some((name) => name.includes(kept.event_id ?? '-')));
    assert.deepEqual(await api.views.conversations.getChildren(), []);
    const rows = await api.views.integrations.getChildren();
    const row = (id: string) => rows.find((one) => one.id === id);
    assert.equal(row('server')?.health, 'error');
    assert.ok(row('server')?.fixes.some(({ command }) => command === 'turnkeep.startServer'));
    assert.match(row('spool')?.description ?? '', /2 captures waiting/);

    await secrets.setDsn(undefined, false);
    await vscode.commands.executeCommand('turnkeep.startServer');
    assert.equal(server.state.kind, 'connected');
    const found = await until(
      'arrival',
      async () => (await allTurns(api)).map((node) => textOf(node, 'user')),
      (texts) => texts.includes('in the dark') && texts.includes('also in the dark'),
    );
    assert.equal(found.filter((text) => text === 'in the dark').length, 1);
    assert.deepEqual(waiting(), []);
  });

  it('a server that went away is started again by the next capture', async () => {
    const { app } = await connected();
    const before = app.server.state;
    const { home } = app.server;
    assert.ok(await findServer(home));
    await until(
      'gone',
      async () => {
        // By the home's own token, as the command line does: the extension's may not. A look of this
        // window that was under way at that moment may have started the next one.
        const running = await findServer(home);
        if (running) await stopServer(home, running, 'test');
        await app.server.check();
        return app.server.state.kind;
      },
      (kind) => kind === 'asleep',
    );
    const kept = await capture('captureTurn', { query: 'wake up', response: 'awake' });
    assert.equal(kept.stored, true);
    assert.equal(app.server.state.kind, 'connected');
    assert.notDeepEqual(app.server.state, before);
  });
});
