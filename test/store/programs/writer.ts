import { homeLayout } from '../../../src/contracts/home.ts';
import { openDatabase } from '../../../src/server/database/open.ts';
import type { EngineAssets } from '../../../src/server/database/pglite/engineFiles.ts';
import { keepingLog, message, newPlace } from '../support.ts';

/*
 * Writes for ever, from several writers at once, and says each message once it is acknowledged:
 * `<message id> <answered>`. The test kills it.
 */
const assets: EngineAssets = JSON.parse(process.env.TEST_ASSETS ?? '');
const db = await openDatabase({
  home: homeLayout(process.env),
  env: {},
  log: keepingLog(),
  assets,
});

async function writeForEver(): Promise<void> {
  const place = await newPlace(db);
  for (let position = 1; ; position++) {
    const row = message(place, position, { content: `text ${'x'.repeat(position * 50)}` });
    await db.write(async (tx) => {
      await tx.insert('conversation_messages', [row]);
      await tx.update(
        'conversation_sessions',
        { session_id: place.session_id },
        { last_activity_at: String(row.created_at) },
      );
    });
    process.stdout.write(`${row.message_id} false\n`);
    if (position % 3 !== 0) continue;
    await db.write((tx) =>
      tx.update('conversation_messages', { message_id: row.message_id }, { answered: true }),
    );
    process.stdout.write(`${row.message_id} true\n`);
  }
}

await Promise.all([1, 2, 3, 4].map(writeForEver));
