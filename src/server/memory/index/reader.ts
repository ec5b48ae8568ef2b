import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { MemoryFilter } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import type { Frequencies, IndexReader, Place, PlacedPassage } from '../search/rank.ts';
import type { Posting } from '../search/structure.ts';
import type { Span } from '../time/spans.ts';
import { oftenLexeme, projectLexeme, quoted } from './row.ts';

/** What is searched: one project or (null) all, and the messages that the filter lets through. */
export type Scope = { projectId: string | null; filter?: MemoryFilter | undefined };

const MESSAGES = '#messages';
const LENGTH = '#length';
/** What a term that comes often counts, about the mean of the counts from three. */
const OFTEN = 4;
/** Characters of a message that the last ranking reads. */
const PASSAGE = 4_000;
const FIELD = '\t';
const ROW = '\n';

/** Reads the index from the database: three statements for a search. */
export class SqlIndexReader implements IndexReader {
  readonly #database: Database;
  readonly #scope: Scope;

  constructor(database: Database, scope: Scope) {
    this.#database = database;
    this.#scope = scope;
  }

  async frequencies(terms: string[]): Promise<Frequencies> {
    const asked = [...terms, MESSAGES, LENGTH];
    let query = this.#database.read
      .selectFrom('memory_terms')
      .select(['term', sql<number>`sum(messages)::bigint`.as('messages')])
      .where('term', '=', sql<string>`any(${asked}::text[])`)
      .groupBy('term');
    if (this.#scope.projectId) query = query.where('project_id', '=', this.#scope.projectId);
    const of = new Map((await query.execute()).map((row) => [row.term, Number(row.messages)]));
    const messages = of.get(MESSAGES) ?? 0;
    return { messages, averageLength: Math.max(1, (of.get(LENGTH) ?? 0) / (messages || 1)), of };
  }

  async postings(terms: string[], limit: number): Promise<Map<string, Posting[]>> {
    const selects = terms.flatMap((term, index) => [
      this.#postingsOf(term, index, false, limit),
      this.#postingsOf(oftenLexeme(term), index, true, limit),
    ]);
    const found = await sql<{ k: number; often: boolean; list: string | null }>`
      ${sql.join(selects, sql` union all `)}`.execute(this.#database.read);
    const postings = new Map<string, Posting[]>(terms.map((term) => [term, []]));
    for (const { k, often, list } of found.rows) {
      const count = often ? OFTEN : 1;
      const all = postings.get(terms[k] ?? '');
      for (const line of list?.split(ROW) ?? []) all?.push(posting(line, count));
    }
    return postings;
  }

  /** One line a message, all in one value: a row each would take the engine many times longer. */
  #postingsOf(lexeme: string, index: number, often: boolean, limit: number): RawBuilder<unknown> {
    const { projectId } = this.#scope;
    const wanted = projectId
      ? `${quoted(lexeme)} & ${quoted(projectLexeme(projectId))}`
      : quoted(lexeme);
    const line = sql`concat_ws(${FIELD}::text, i.session_id, i.position,
      floor(extract(epoch from i.said_at)), i.length, i.asks::int)`;
    return sql`select ${index}::int as k, ${often}::boolean as often,
      string_agg(line, ${ROW}::text) as list from (
        select ${line} as line from memory_index i ${this.#joins()}
        where i.tokens @@ ${wanted}::tsquery ${this.#conditions()} limit ${limit}) as found`;
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
      ({ from, to }) => sql`(select i.session_id as session, i.position, i.said_at
        from memory_index i ${this.#joins()}
        where i.said_at >= ${new Date(from).toISOString()}::timestamptz
          and i.said_at < ${new Date(to).toISOString()}::timestamptz
          ${inProject} ${this.#conditions()}
        order by i.said_at desc limit ${limit})`,
    );
    const found = await sql<Place>`
      select session, position from (${sql.join(selects, sql` union all `)}) as found
      order by said_at desc limit ${limit}`.execute(this.#database.read);
    return found.rows;
  }

  async passages(places: Place[], common: string[]): Promise<PlacedPassage[]> {
    if (places.length === 0) return [];
    const sessions = places.map(({ session }) => session);
    const positions = places.map(({ position }) => position);
    const held = common.map((term) => sql`(i.tokens @@ ${quoted(term)}::tsquery)`);
    const holds = held.length > 0 ? sql`array[${sql.join(held)}]` : sql`'{}'::boolean[]`;
    const found = await sql<Row>`
      select m.message_id, m.session_id, m.position, m.message_type, m.created_at,
        left(m.content, ${PASSAGE}) as text, i.length, i.asks, to_json(${holds}) as common
      from unnest(${sessions}::text[], ${positions}::int[]) as p(session_id, position)
      join conversation_messages m on m.session_id = p.session_id and m.position = p.position
      join memory_index i on i.message_id = m.message_id
      ${this.#scope.filter ? sql`join conversation_sessions s on s.session_id = m.session_id` : sql``}
      where true ${this.#conditions(this.#scope.filter)}`.execute(this.#database.read);
    return found.rows.map((row) => ({
      id: row.message_id,
      session: row.session_id,
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
  session_id: string;
  position: number;
  message_type: 'user' | 'assistant';
  created_at: string;
  text: string;
  length: number;
  asks: boolean;
  common: boolean[];
};

function posting(line: string, count: number): Posting {
  const [session = '', position, saidAt, length, asks] = line.split(FIELD);
  return {
    session,
    position: Number(position),
    saidAt: Number(saidAt) * 1000,
    length: Number(length),
    asks: asks === '1',
    count,
  };
}

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
