import type { CallContext } from '../../contracts/context.ts';
import type { contextEndpoints } from '../../contracts/contextEndpoints.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Database, WriteTransaction } from '../database/database.ts';
import type { EndpointHandlers } from '../platform/http/endpoint.ts';
import {
  DEFAULT_PROJECT,
  ensureProject,
  findKnownProject,
  findProject,
} from '../projects/service.ts';
import { type ContextScope, deleteEntry, entryOf, listEntries, putEntry } from './entries.ts';

type Named = { session_id?: string | undefined; project?: string | undefined };

async function sessionScope(read: Database['read'], id: string): Promise<ContextScope> {
  const found = await read
    .selectFrom('conversation_sessions')
    .select('session_id')
    .where('session_id', '=', id)
    .executeTakeFirst();
  if (!found) throw new TurnkeepError('not_found', `There is no session ${id}.`);
  return { column: 'session_id', id };
}

/** What is asked for; null for the caller's project when nothing is stored of it. */
async function scopeOf(
  database: Database,
  { session_id, project }: Named,
  context: CallContext,
): Promise<ContextScope | null> {
  if (session_id !== undefined) return sessionScope(database.read, session_id);
  const known =
    project === undefined
      ? await findKnownProject(database, context.project ?? DEFAULT_PROJECT)
      : await findProject(database, project);
  return known ? { column: 'project_id', id: known.project_id } : null;
}

function nothingUnder(key: string): TurnkeepError {
  return new TurnkeepError('not_found', `Nothing is kept under "${key}" here.`);
}

/** The endpoints of `/api/v1/db/context`. */
export function contextHandlers(
  database: Database,
): Pick<EndpointHandlers, keyof typeof contextEndpoints> {
  return {
    async listContext(input, call) {
      const scope = await scopeOf(database, input, call.context);
      if (!scope) return { entries: [], next_cursor: null };
      return listEntries(database, scope, input);
    },
    async getContext({ key, ...named }, call) {
      const scope = await scopeOf(database, named, call.context);
      if (!scope) throw nothingUnder(key);
      return entryOf(database, scope, key);
    },
    async putContext({ key, value, ttl_seconds, ...named }, call) {
      const { session_id, project } = named;
      const wanted = project === undefined ? null : await findProject(database, project);
      const scopeIn = async (tx: WriteTransaction, now: string): Promise<ContextScope> => {
        if (session_id !== undefined) return sessionScope(tx.read, session_id);
        const ref = call.context.project ?? DEFAULT_PROJECT;
        return {
          column: 'project_id',
          id: wanted?.project_id ?? (await ensureProject(tx, ref, now)),
        };
      };
      const { entry, isNew } = await putEntry(database, scopeIn, { key, value, ttl_seconds });
      if (isNew) call.answerWith(201);
      return entry;
    },
    async deleteContext({ key, ...named }, call) {
      const scope = await scopeOf(database, named, call.context);
      return { deleted: scope ? await deleteEntry(database, scope, key) : false };
    },
  };
}
