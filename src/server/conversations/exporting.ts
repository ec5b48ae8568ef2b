import { sql } from 'kysely';
import { z } from 'zod';
import type { MessageLine } from '../../contracts/conversations.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database } from '../database/database.ts';
import { originalContent } from '../database/text.ts';
import { decodeCursor, encodeCursor } from '../platform/cursor.ts';
import { findProject, lineOfProject } from '../projects/service.ts';
import { fittingRows } from './pages.ts';

const DEFAULT_LINES = 500;
const placeSchema = z.object({
  at: z.iso.datetime(),
  session: z.uuid(),
  position: z.number().int(),
});

export type ExportFilter = {
  project?: string | undefined;
  session_id?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
};

/** The rows of a page: sessions in the order of their beginning, messages in the order of each. */
function placesOf(database: Database, projectId: string | null, filter: ExportFilter) {
  const place = decodeCursor(placeSchema, filter.cursor);
  let query = database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id');
  if (projectId) query = query.where('s.project_id', '=', projectId);
  if (filter.session_id !== undefined) {
    const wanted = filter.session_id;
    query = query.where((eb) =>
      eb.or([eb('s.session_id', '=', wanted), eb('s.external_id', '=', wanted)]),
    );
  }
  if (place) {
    query = query.where(
      sql<boolean>`(s.created_at, s.session_id, m.position) > (${place.at}::timestamptz, ${place.session}, ${place.position}::bigint)`,
    );
  }
  return query
    .select([
      'm.message_id',
      's.session_id',
      's.created_at as session_at',
      'm.position',
      sql<number>`octet_length(m.content)`.as('bytes'),
    ])
    .orderBy('s.created_at')
    .orderBy('s.session_id')
    .orderBy('m.position')
    .limit(filter.limit ?? DEFAULT_LINES)
    .execute();
}

/**
 * A page of the export. Keys that a message does not have are absent, so that the lines that came
 * in by an import go out the same.
 * @throws TurnkeepError `not_found` for a project or session that is not stored.
 */
export async function exportLines(
  database: Database,
  filter: ExportFilter,
): Promise<{ lines: MessageLine[]; next_cursor: string | null }> {
  const project = filter.project ? await findProject(database, filter.project) : null;
  const found = await placesOf(database, project?.project_id ?? null, filter);
  const page = found.slice(0, fittingRows(found));
  const last = page.at(-1);
  if (!last && filter.session_id !== undefined && filter.cursor === undefined) {
    throw new TurnkeepError('not_found', `There is no session "${filter.session_id}".`);
  }
  if (!last) return { lines: [], next_cursor: null };
  const rows = await database.read
    .selectFrom('conversation_messages as m')
    .innerJoin('conversation_sessions as s', 's.session_id', 'm.session_id')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .innerJoin('atlas_thread as t', 't.thread_id', 'm.thread_id')
    .select(['m.message_id', 'm.message_type', 'm.content', 'm.content_exact', 'm.created_at'])
    .select(['m.dated', 'm.model', 'm.provenance', 'm.metadata', 's.external_id as session_name'])
    .select(['s.session_id', 't.external_id as thread_name', 'p.key', 'p.name'])
    .where(
      'm.message_id',
      'in',
      page.map((row) => row.message_id),
    )
    .execute();
  const byId = new Map(rows.map((row) => [row.message_id, row]));
  const lines = page.flatMap(({ message_id }): MessageLine[] => {
    const row = byId.get(message_id);
    if (!row) return [];
    // An imported model stands in its own key; a captured one is in the metadata already.
    const model = row.provenance === 'import' ? row.model : null;
    return [
      {
        session: row.session_name ?? row.session_id,
        ...(row.thread_name === null ? {} : { thread: row.thread_name }),
        project: lineOfProject(row),
        role: row.message_type,
        content: originalContent(row),
        ...(row.dated ? { created_at: row.created_at } : {}),
        ...(model === null ? {} : { model }),
        ...(Object.keys(row.metadata).length === 0 ? {} : { metadata: row.metadata }),
      },
    ];
  });
  const more = page.length < found.length || found.length === (filter.limit ?? DEFAULT_LINES);
  const place = { at: last.session_at, session: last.session_id, position: Number(last.position) };
  return { lines, next_cursor: more ? encodeCursor(place) : null };
}
