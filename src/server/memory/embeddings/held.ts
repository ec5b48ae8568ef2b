import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { type Block, blockOf, joined, type StoredVector } from './block.ts';

/** Bytes of vectors that are held in memory, of all scopes together; of a larger scope the latest. */
const MAX_HELD = 256 * 1024 * 1024;
/** Vectors read in one statement. */
const PAGE = 2_000;
/** A scope of more vectors is not read anew sooner for what was taken away from it. */
const SMALL = 5_000;
const READ_ANEW_MS = 60_000;

type State = { rows: number; newest: string };
type Held = {
  block: Block;
  model: string;
  state: State;
  /** Whether there is nothing in it that was taken away since. */
  exact: boolean;
  readAt: number;
};
type Row = StoredVector & { message_id: string };

/**
 * The vectors of a project's messages (or of all), held in memory between searches. What was added
 * since is read for itself. What was taken away may stay for a minute in a large scope: it brings
 * places, and what is found is joined with the messages as they are stored.
 */
export class HeldEmbeddings {
  readonly #database: Database;
  readonly #held = new Map<string, Held>();
  readonly #maxBytes: number;

  constructor(database: Database, maxBytes = MAX_HELD) {
    this.#database = database;
    this.#maxBytes = maxBytes;
  }

  /** Nothing is held any more. */
  clear(): void {
    this.#held.clear();
  }

  /** The vectors of this model in a project (null: all). */
  async of(projectId: string | null, model: string): Promise<Block> {
    const scope = projectId ?? '*';
    const before = this.#held.get(scope);
    const state = await this.#state(projectId, model);
    const held =
      (before?.model === model && (await this.#renewed(before, state, projectId))) ||
      (await this.#read(projectId, model, state));
    this.#held.delete(scope);
    this.#held.set(scope, held);
    this.#makeRoom();
    return held.block;
  }

  /** What is held with what was added since; undefined when it has to be read anew. */
  async #renewed(held: Held, state: State, projectId: string | null): Promise<Held | undefined> {
    const { block, model } = held;
    const mayLag = block.count > SMALL && Date.now() - held.readAt < READ_ANEW_MS;
    if (!held.exact && !mayLag) return undefined;
    if (held.state.rows === state.rows && held.state.newest === state.newest) return held;
    if (held.state.newest === '' || held.state.newest >= state.newest) {
      return mayLag ? { ...held, state, exact: false } : undefined;
    }
    const added = await this.#blocks(projectId, model, held.state.newest);
    const rows = added.reduce((sum, one) => sum + one.rows, 0);
    const exact = held.exact && held.state.rows + rows === state.rows;
    if (!exact && !mayLag) return undefined;
    const blocks = added.map((one) => one.block);
    if (blocks.some(({ count, dims }) => count > 0 && dims !== block.dims)) return undefined;
    return { ...held, state, exact, block: joined([block, ...blocks], block.dims) };
  }

  async #read(projectId: string | null, model: string, state: State): Promise<Held> {
    const blocks = (await this.#blocks(projectId, model, null)).map((one) => one.block);
    const dims = blocks.find(({ count }) => count > 0)?.dims ?? 0;
    return { block: joined(blocks, dims), model, state, exact: true, readAt: Date.now() };
  }

  async #state(projectId: string | null, model: string): Promise<State> {
    let query = this.#database.read
      .selectFrom('memory_embeddings')
      .select([
        sql<number>`count(*)`.as('rows'),
        sql<string>`coalesce(to_char(max(made_at) at time zone 'UTC',
          'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '')`.as('newest'),
      ])
      .where('model', '=', model);
    if (projectId !== null) query = query.where('project_id', '=', projectId);
    const { rows, newest } = await query.executeTakeFirstOrThrow();
    return { rows: Number(rows), newest };
  }

  /** The latest first, as many as may be held; `since`: those made after it. */
  async #blocks(projectId: string | null, model: string, since: string | null) {
    const inProject = projectId === null ? sql`` : sql`and e.project_id = ${projectId}`;
    const after = since === null ? sql`` : sql`and e.made_at > ${since}::timestamptz`;
    const blocks: { block: Block; rows: number }[] = [];
    let room = this.#maxBytes;
    let before: string | null = null;
    for (;;) {
      const older: ReturnType<typeof sql> =
        before === null ? sql`` : sql`and e.message_id < ${before}`;
      const page: { rows: Row[] } = await sql<Row>`
        select e.message_id, memory_key(e.session_id) as session, m.position, e.dims, e.vector
        from (
          select * from memory_embeddings e
          where e.model = ${model} ${inProject} ${after} ${older}
          order by e.message_id desc limit ${PAGE}
        ) as e
        join conversation_messages m on m.message_id = e.message_id
        order by e.message_id desc`.execute(this.#database.read);
      const dims = blocks.find(({ block }) => block.count > 0)?.block.dims;
      const own = dims ?? page.rows.find((row) => row.dims > 0)?.dims ?? 0;
      const fitting = own > 0 ? Math.floor(room / own) : page.rows.length;
      const block = blockOf(page.rows.slice(0, fitting), own);
      blocks.push({ block, rows: page.rows.length });
      room -= block.bytes.length;
      before = page.rows.at(-1)?.message_id ?? null;
      if (page.rows.length < PAGE || room < own) return blocks;
    }
  }

  /** The scopes that were asked longest ago go first. */
  #makeRoom(): void {
    let size = 0;
    for (const { block } of this.#held.values()) size += block.bytes.length;
    for (const [scope, { block }] of this.#held) {
      if (size <= this.#maxBytes || this.#held.size === 1) return;
      this.#held.delete(scope);
      size -= block.bytes.length;
    }
  }
}
