import { mkdir, rm } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { Home } from '../../../contracts/home.ts';
import { embeddedErrors, errorCode, storageFailed } from '../errors.ts';
import type { Keeper, Parts } from '../facade.ts';
import { Journal } from '../journal/journal.ts';
import { type ReplayReport, replayJournal } from '../journal/replay.ts';
import { SegmentFolder } from '../journal/segments.ts';
import type { DatabaseLog } from '../log.ts';
import { migrateToLatest } from '../migrate.ts';
import { noKeeper } from '../postgres.ts';
import type { DatabaseSchema } from '../schema.ts';
import { openKysely, surviveBrokenClients } from '../sessions.ts';
import { findAssets } from './assets.ts';
import { damaged, inspectData, removeLeftovers } from './dataFolder.ts';
import { Durability } from './durability.ts';
import { PgliteEngine } from './engine.ts';
import type { EngineAssets } from './engineFiles.ts';
import { JournalKeeper } from './keeper.ts';
import { moveFolder } from './moveFolder.ts';
import { pglitePool } from './pool.ts';
import { syncFolder, unpackTemplate } from './template.ts';

export type EmbeddedOptions = {
  home: Home;
  log: DatabaseLog;
  /** Called once when the engine's thread ends by itself: the server cannot go on. */
  onLost: (error: Error) => void;
  assets?: EngineAssets;
};

/**
 * Opens the embedded database in `data/`, made from the template at the first start, applies
 * migrations and replays the journal. The caller holds the home's lock.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Parts> {
  const { home, log } = options;
  const assets = options.assets ?? (await findAssets());
  // Loading the engine takes as long as making the folder: both at once.
  let engine = new PgliteEngine(assets);
  try {
    const isFresh = (await inspectData(home)) === 'absent';
    await removeLeftovers(home.data);
    if (isFresh) engine = await makeFolder(home, assets, engine);
    await loadEngine(engine);
    await openFolder(engine, home, assets);
    return await ready(engine, options, isFresh);
  } catch (error) {
    await engine.terminate();
    log.error({ reason: error instanceof Error ? error.message : '' }, 'database not opened');
    throw error;
  }
}

/** A database in memory, with the same engine; nothing of it outlives `close`. */
export async function openMemory(options: EmbeddedOptions): Promise<Parts> {
  const assets = options.assets ?? (await findAssets());
  const engine = new PgliteEngine(assets);
  try {
    await loadEngine(engine);
    await engine.open(null, assets.template);
    const parts = partsOf(engine, 'memory', 'memory', options);
    await migrateToLatest(parts.db);
    return parts;
  } catch (error) {
    await engine.terminate();
    throw error;
  }
}

async function makeFolder(home: Home, assets: EngineAssets, engine: PgliteEngine) {
  try {
    await mkdir(home.root, { recursive: true, mode: 0o700 });
    if (assets.template) {
      await unpackTemplate(assets.template, home.data);
      return engine;
    }
    // Without a template the engine makes the folder, beside its place like everything else.
    const temporary = `${home.data}.new-${process.pid}`;
    await engine.open(temporary, null);
    await engine.close();
    await rm(home.data, { recursive: true, force: true });
    await moveFolder(temporary, home.data);
    return new PgliteEngine(assets);
  } catch (error) {
    const code = errorCode(error);
    if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOTDIR'].includes(code)) throw error;
    throw new TurnkeepError(
      'home_unwritable',
      `${home.data} cannot be made (${code}). Free space or give yourself write permission in ` +
        `${home.root}, or set TURNKEEP_HOME to another folder.`,
      { cause: error },
    );
  }
}

async function loadEngine(engine: PgliteEngine): Promise<void> {
  try {
    await engine.load();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TurnkeepError(
      'database_unavailable',
      `The embedded database cannot be loaded (${reason}). Install Turnkeep again.`,
      { cause: error },
    );
  }
}

async function openFolder(engine: PgliteEngine, home: Home, assets: EngineAssets): Promise<void> {
  try {
    await engine.open(home.data, assets.template);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/No space left/i.test(reason)) {
      throw storageFailed(Object.assign(new Error(reason), { code: 'ENOSPC' }), home.data);
    }
    throw damaged(home.data, reason, error);
  }
}

function partsOf(
  engine: PgliteEngine,
  kind: 'pglite' | 'memory',
  location: string,
  { home, onLost }: EmbeddedOptions,
): Parts {
  let isDead = false;
  engine.once('death', (error) => {
    isDead = true;
    onLost(error);
  });
  const pool = pglitePool(engine);
  // When the engine is gone `onLost` says so.
  surviveBrokenClients(pool, () => undefined);
  const translate = embeddedErrors(location, () => isDead);
  return {
    engine: kind,
    location,
    backups: home.backups,
    pool,
    db: openKysely(pool, translate),
    translate,
    keeper: noKeeper,
    snapshots: false,
    close: () => engine.close(),
  };
}

async function ready(
  engine: PgliteEngine,
  options: EmbeddedOptions,
  isFresh: boolean,
): Promise<Parts> {
  const { home, log } = options;
  const parts = partsOf(engine, 'pglite', home.data, options);
  await migrateToLatest(parts.db);
  const folder = new SegmentFolder(home.journal);
  const report = await replayJournal(parts.db, folder, log);
  for (const problem of report.problems) log.error({ problem }, 'journal');
  if (report.records > 0) log.info({ writes: report.records }, 'journal replayed');
  const keeper = await keeperOf(parts.db, folder, report, options, isFresh);
  return { ...parts, keeper };
}

async function keeperOf(
  db: Kysely<DatabaseSchema>,
  folder: SegmentFolder,
  report: ReplayReport,
  { home, log }: EmbeddedOptions,
  isFresh: boolean,
): Promise<Keeper> {
  const isTakenOver = isFresh && report.records > 0;
  if (isTakenOver || report.problems.length > 0) {
    // Some of it may only fit the rows that a restored backup brings.
    for (const { number } of report.segments) await folder.carry(number);
  }
  const journal = new Journal(folder, report.segments, report.nextRecord);
  // The template was unpacked without waiting for the disk; until it is there the journal stays.
  const onDisk = isFresh ? syncFolder(home.data) : Promise.resolve();
  onDisk.catch((error: Error) => log.warn({ reason: error.message }, 'data folder not synced'));
  const durability = new Durability(db, journal, { data: home.data, onDisk, log });
  if (report.records > 0) durability.trimSoon();
  return new JournalKeeper(db, durability, folder, report.problems, log);
}
