import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { MemoryFilter } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import { type Postings, readPlaces } from '../search/postings.ts';
import type { Frequencies, IndexReader, Place, PlacedPassage } from '../search/rank.ts';
import type { Span } from '../time/spans.ts';
import { oftenLexeme, quoted } from './row.ts';

/** What is searched: one project or (null) all, and the messages that the filter lets through. */
export type Scope = { projectId: string | null; filter?: MemoryFilter | undefined };

const MESSAGES = '#messages';
const LENGTH = '#length';
/** Places in a full chunk, at least. */
const CHUNK = 64;
/** How many times more places are read where a filter takes some away. */
const MORE_FOR_FILTER = 10;
/** Characters of a message that the last ranking reads. */
const PASSAGE = 4_000;

/**
 * Reads the index from the database: three statements for a search. Each looks rows up one by one
 * (`lateral`): without statistics, which an embedded database seldom has, the planner would rather
 * read whole tables.
 */
export class SqlIndexReader implements IndexReader {
  readonly #database: Database;
  readonly #scope: Scope;

  constructor(database: Database, scope: Scope) {
    this.#database = database;
    this.#scope = scope;
  }

  async frequencies(terms: string[]): Promise<Frequencies> {
    const asked = [...terms, MESSAGES, LENGTH];
    const found = await sql<{ term: string; messages: number }>`
      select asked.term, found.messages from unnest(${asked}::text[]) as asked(term)
      cross join lateral (
        select sum(t.messages)::bigint as messages from memory_terms t
        where t.term = memory_key(asked.term) ${this.#inProject('t')}
      ) as found where found.messages is not null`.execute(this.#database.read);
    const of = new Map(found.rows.map((row) => [row.term, Number(row.messages)]));
    const messages = of.get(MESSAGES) ?? 0;
    return { messages, averageLength: Math.max(1, (of.get(LENGTH) ?? 0) / (messages || 1)), of };
  }

  /** Where each term is; of a term with more than `limit` places the latest. */
  async postings(terms: string[], limit: number): Promise<Map<string, Postings>> {
    const filter = sessionFilter(this.#scope.filter);
    const chunks = Math.ceil((limit * (filtered(filter) ? MORE_FOR_FILTER : 1)) / CHUNK);
    const found = await sql<{ term: string; places: Buffer | null }>`
      select asked.term, p.places from unnest(${terms}::text[]) as asked(term)
      cross join lateral (
        select string_agg(places, ''::bytea) as places from (
          (select c.places from memory_postings c
            where c.term = memory_key(asked.term) ${this.#inProject('c')}
            order by c.to_day desc, c.chunk desc limit ${chunks})
          union all
          select t.tail from memory_terms t
            where t.term = memory_key(asked.term) ${this.#inProject('t')}
        ) as lists
      ) as p`.execute(this.#database.read);
    const wanted = await this.wantedSessions();
    return new Map(
      found.rows.map(({ term, places }) => [term, readPlaces(places, { wanted, ...filter })]),
    );
  }

  #inProject(table: string): RawBuilder<unknown> {
    const { projectId } = this.#scope;
    return projectId ? sql`and ${sql.ref(`${table}.project`)} = memory_key(${projectId})` : sql``;
  }

  /** Keys of the sessions that the filter lets through; null for all of them. */
  async wantedSessions(): Promise<Set<number> | null> {
    const { session_id, agent } = this.#scope.filter ?? {};
    if (session_id === undefined && agent === undefined) return null;
    let query = this.#database.read
      .selectFrom('conversation_sessions')
      .select(sql<number>`memory_key(session_id)`.as('key'));
    if (session_id !== undefined) query = query.where('session_id', '=', session_id);
    if (agent !== undefined) query = query.where('agent', '=', agent);
    return new Set((await query.execute()).map(({ key }) => Number(key)));
  }

  /** Filters on a message itself wait for `passages`: its neighbours may have the words. */
  #joins(): RawBuilder<unknown> {
    return filtered(sessionFilter(this.#scope.filter))
      ? sql`join conversation_messages m on m.message_id = i.message_id
          join conversation_sessions s on s.session_id = m.session_id`
      : sql``;
  }

  #conditions(filter = sessionFilter(this.#scope.filter)): RawBuilder<unknown> {
    const conditions = filterConditions(filter);
    return conditions.length > 0 ? sql`and ${sql.join(conditions, sql` and `)}` : sql``;
  }

  async inTimes(spans: Span[], limit: number): Promise<Place[]> {
    const { projectId } = this.#scope;
    const inProject = projectId ? sql`and i.project_id = ${projectId}` : sql``;
    const selects = spans.map(
      ({ from, to }) => sql`(select memory_key(i.session_id) as session, i.position, i.said_at
        from memory_index i ${this.#joins()}
        where i.said_at >= ${new Date(from).toISOString()}::timestamptz
          and i.said_at < ${new Date(to).toISOString()}::timestamptz
          ${inProject} ${this.#conditions()}
        order by i.said_at desc limit ${limit})`,
    );
    const found = await sql<Place>`
      select session, position from (${sql.join(selects, sql` union all `)}) as found
      order by said_at desc limit ${limit}`.execute(this.#database.read);
    return found.rows.map(({ session, position }) => ({ session: Number(session), position }));
  }

  async passages(places: Place[], common: string[]): Promise<PlacedPassage[]> {
    if (places.length === 0) return [];
    const { projectId } = this.#scope;
    // The keys are hashes: the project itself is asked for again here.
    const inProject = projectId ? sql`and s.project_id = ${projectId}` : sql``;
    const sessions = places.map(({ session }) => session);
    const positions = places.map(({ position }) => position);
    const held = common.map((term) => {
      const query = `${quoted(term)} | ${quoted(oftenLexeme(term))}`;
      return sql`(i.tokens @@ ${query}::tsquery)`;
    });
    const holds = held.length > 0 ? sql`array[${sql.join(held)}]` : sql`'{}'::boolean[]`;
    const found = await sql<Row>`
      select m.message_id, p.session, m.position, m.message_type, m.created_at,
        left(m.content, ${PASSAGE}) as text, i.length, i.asks, to_json(${holds}) as common
      from unnest(${sessions}::bigint[], ${positions}::int[]) as p(session, position)
      cross join lateral (
        select * from conversation_sessions where memory_key(session_id) = p.session offset 0
      ) as s
      cross join lateral (
        select * from conversation_messages
        where session_id = s.session_id and position = p.position offset 0
      ) as m
      join memory_index i on i.message_id = m.message_id
      where true ${inProject} ${this.#conditions(this.#scope.filter)}`.execute(this.#database.read);
    return found.rows.map((row) => ({
      id: row.message_id,
      session: Number(row.session),
      position: row.position,
      role: row.message_type,
      text: row.text,
      createdAt: row.created_at,
      length: row.length,
      asks: row.asks,
      common: common.filter((_term, index) => row.common[index]),
    }));
  }
}

type Row = {
  message_id: string;
  session: number;
  position: number;
  message_type: 'user' | 'assistant';
  created_at: string;
  text: string;
  length: number;
  asks: boolean;
  common: boolean[];
};

/** What of a filter holds for whole sessions or times. */
function sessionFilter(filter: MemoryFilter | undefined): MemoryFilter {
  const { session_id, agent, since, until } = filter ?? {};
  return { session_id, agent, since, until } as MemoryFilter;
}

function filtered(filter: MemoryFilter | undefined): boolean {
  return filter !== undefined && Object.values(filter).some((value) => value !== undefined);
}

/** Conditions on `m` (messages) and `s` (sessions). */
export function filterConditions(filter: MemoryFilter | undefined): RawBuilder<SqlBool>[] {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (!filter) return conditions;
  const { session_id, message_role, model, agent, provenance, since, until } = filter;
  if (session_id !== undefined) conditions.push(sql`m.session_id = ${session_id}`);
  if (message_role !== undefined) conditions.push(sql`m.message_type = ${message_role}`);
  if (model !== undefined) conditions.push(sql`m.model = ${model}`);
  if (provenance !== undefined) conditions.push(sql`m.provenance = ${provenance}`);
  if (agent !== undefined) conditions.push(sql`s.agent = ${agent}`);
  if (since !== undefined) conditions.push(sql`m.created_at >= ${since}::timestamptz`);
  if (until !== undefined) conditions.push(sql`m.created_at <= ${until}::timestamptz`);
  return conditions;
}
