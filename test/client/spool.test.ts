import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureOrSpool, checkCapture } from '../../src/client/capture.ts';
import { RestClient } from '../../src/client/restClient.ts';
import { newSpoolEntry, writeSpoolEntry } from '../../src/client/spool.ts';
import { TurnkeepError } from '../../src/contracts/errors.ts';
import { type Home, homeLayout } from '../../src/contracts/home.ts';
import { MAX_MESSAGE_BYTES } from '../../src/contracts/limits.ts';
import { spoolEntrySchema } from '../../src/contracts/server.ts';
import { makeHome, removeHome } from '../support/server.ts';

let home: Home;
beforeEach(async () => {
  home = homeLayout({ TURNKEEP_HOME: join(await makeHome(), 'sub') });
});
afterEach(() => removeHome(join(home.root, '..')));

const context = { origin: 'test', client: 'cli' };
function failing(code: 'server_unreachable' | 'not_found') {
  const connect = async () => {
    throw new TurnkeepError(code, code);
  };
  return { home, client: new RestClient(connect, () => context), context };
}

describe('spool', () => {
  it('holds one whole entry a file, named by time, for the person alone', async () => {
    const entry = newSpoolEntry('capture_user_query', { query: 'a\u0000ü' }, context);
    const file = await writeSpoolEntry(home, entry);
    expect(file).toMatch(/spool[\\/]\d{8}T\d{9}Z-[\w-]+\.json$/);
    expect(spoolEntrySchema.parse(JSON.parse(await readFile(file, 'utf8')))).toEqual(entry);
    expect(await readdir(home.spool)).toHaveLength(1);
    if (process.platform === 'win32') return;
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(home.spool)).mode & 0o777).toBe(0o700);
  });

  it('keeps an event id, and names the file safely after any', async () => {
    const entry = newSpoolEntry(
      'capture_user_query',
      { query: 'q', event_id: '../../x y' },
      context,
    );
    expect(entry.event_id).toBe('../../x y');
    const file = await writeSpoolEntry(home, entry);
    expect(file.startsWith(home.spool)).toBe(true);
    expect(await readdir(home.spool)).toHaveLength(1);
  });

  it('says that nothing was stored when the spool cannot be written', async () => {
    await mkdir(home.root, { recursive: true });
    await writeFile(home.spool, 'a file in the way');
    const entry = newSpoolEntry('capture_user_query', { query: 'q' }, context);
    await expect(writeSpoolEntry(home, entry)).rejects.toMatchObject({
      code: 'home_unwritable',
      message: expect.stringContaining('Nothing was stored'),
    });
  });
});

describe('captureOrSpool', () => {
  it('spools under the event id that was sent, each turn of a batch with its own', async () => {
    const turns = [
      { query: 'q', response: 'r' },
      { query: 'q2', response: 'r2' },
    ];
    const kept = await captureOrSpool(failing('server_unreachable'), 'capture_turns', { turns });
    if (!kept.spooled) throw new Error('not spooled');
    const entry = spoolEntrySchema.parse(JSON.parse(await readFile(kept.file, 'utf8')));
    expect(entry).toMatchObject({ event_id: kept.event_id, tool: 'capture_turns', context });
    expect(entry.arguments.turns).toEqual(
      turns.map((turn, index) => ({ ...turn, event_id: `${kept.event_id}:${index}` })),
    );
  });

  it('does not spool what a server would refuse for ever', async () => {
    const captures = [
      captureOrSpool(failing('not_found'), 'capture_ai_response', { response: 'r' }),
      captureOrSpool(failing('server_unreachable'), 'capture_user_query', { query: '' }),
    ];
    for (const capture of captures) await expect(capture).rejects.toBeInstanceOf(TurnkeepError);
    await expect(readdir(home.spool)).rejects.toThrow();
  });
});

describe('checkCapture', () => {
  it('takes a message of 8 MiB whole and refuses a byte more, counted in UTF-8', () => {
    const most = 'ü'.repeat(MAX_MESSAGE_BYTES / 2);
    expect(() => checkCapture('capture_user_query', { query: most })).not.toThrow();
    expect(() => checkCapture('capture_user_query', { query: `${most}x` })).toThrow(
      expect.objectContaining({ code: 'message_too_large' }),
    );
    const turns = [{ query: 'q', response: `${most}x` }];
    expect(() => checkCapture('capture_turns', { turns })).toThrow(
      /turns\.0\.response is 8\.01 MiB/,
    );
  });

  it('refuses metadata over 64 KiB and names the field that is wrong', () => {
    const metadata = { text: 'x'.repeat(64 * 1024) };
    expect(() => checkCapture('capture_user_query', { query: 'q', metadata })).toThrow(/65536/);
    expect(() => checkCapture('capture_user_query', { query: 7 })).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ path: 'query' })] }),
    );
  });
});
