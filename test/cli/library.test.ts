import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientPermissions, type TokenRecord } from '../../src/contracts/authTools.ts';
import { dist } from '../support/server.ts';
import { type CliHome, cliHome } from './run.ts';

let cli: CliHome;
beforeAll(async () => {
  cli = await cliHome();
});
afterAll(() => cli.remove());

const program = `
import { Turnkeep } from ${JSON.stringify(pathToFileURL(join(dist, 'library.mjs')).href)};
const turnkeep = new Turnkeep({ home: process.env.LIBRARY_HOME, project: 'library' });
const turn = await turnkeep.captureTurn('Which colour?', 'Blue.', { model: 'm' });
const query = await turnkeep.captureQuery('Which size?');
const answer = await turnkeep.captureResponse('Large.', { queryTurnId: query.turn_id, metadata: { n: 1 } });
const batch = await turnkeep.captureBatch([{ query: 'a', response: 'b' }, { query: 'c', response: 'd' }]);
const { stats } = await turnkeep.stats();
const found = await turnkeep.search('colour', { limit: 1 });
const context = await turnkeep.rehydrate('colour', { systems: ['ltst'], max_tokens: 200 });
const refused = await turnkeep.captureQuery('').catch((error) => error.code);
const closed = await turnkeep.closeSession();
await turnkeep.close();
console.log(JSON.stringify({ turn, query, answer, batch, stats, found, context, refused, closed }));
`;

describe('the library, built', () => {
  it('captures, counts, finds and closes from a program, which then ends by itself', async () => {
    const file = join(cli.home, 'program.mjs');
    await writeFile(file, program);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
      env: { ...cli.env(), TURNKEEP_HOME: '/unused', LIBRARY_HOME: cli.home },
    });
    expect(stderr).toBe('');
    const said = JSON.parse(stdout);
    expect(said.answer.turn_id).toBe(said.query.turn_id);
    expect(said.batch).toMatchObject({ captured: 2, session_id: said.turn.session_id });
    expect(said.stats).toMatchObject({ turn_count: 4, message_count: 8, project: 'library' });
    expect(said.found.ltst.items[0].content).toMatch(/colour|Blue/);
    expect(said.context).toMatchObject({ systems: ['ltst'] });
    expect(said.context.bundle).toContain('Which colour?');
    expect(said).toMatchObject({ refused: 'invalid_request', closed: { closed: true } });
    const { tokens } = await cli.json<{ tokens: TokenRecord[] }>(['auth', 'list']);
    expect(tokens).toMatchObject([{ name: 'library', permissions: clientPermissions.library }]);
  });
});
