import { basename } from 'node:path';
import type { CallContext } from '../../contracts/context.ts';
import type { ToolArguments } from '../../contracts/tools.ts';
import { isNetworkPath } from '../../project/folder.ts';
import { pathKey, resolveProject } from '../../project/identity.ts';
import type { Database } from '../database/database.ts';
import { checkSpelling } from '../platform/paths.ts';
import type { Call, Handlers } from '../platform/tool.ts';
import { DEFAULT_PROJECT, projectOfLine } from '../projects/service.ts';
import { getSession, listProjects, listSessions } from './browsing.ts';
import { type CaptureSource, captureQuery, captureResponse, captureTurns } from './capture.ts';
import { deleteEverywhere, type Places } from './deletingEverywhere.ts';
import { exportLines } from './exporting.ts';
import { importLines } from './importing.ts';
import { closeCurrentSession } from './sessions.ts';
import { statistics } from './statistics.ts';
import { getTurn } from './turn.ts';

type ConversationTools = Pick<
  Handlers,
  | 'capture_user_query'
  | 'capture_ai_response'
  | 'record_chat_history'
  | 'capture_turns'
  | 'get_conversation_stats'
  | 'close_session'
  | 'list_projects'
  | 'list_sessions'
  | 'get_session'
  | 'get_turn'
  | 'import_messages'
  | 'export_messages'
  | 'delete_conversations'
>;

/** The project that `record_chat_history` names by its folder, when the caller knows no better. */
async function withProjectDir(context: CallContext, projectDir: string): Promise<CallContext> {
  if (context.project) return context;
  // A model names the folder: no other computer is asked for it.
  const project = isNetworkPath(projectDir)
    ? { key: pathKey(projectDir), name: basename(projectDir) || projectDir, root: projectDir }
    : await resolveProject({ cwd: projectDir });
  return { ...context, project };
}

function chatHistoryMetadata(input: ToolArguments<'record_chat_history'>): Record<string, unknown> {
  return {
    project_dir: input.project_dir,
    ...(input.file_operations === undefined ? {} : { file_operations: input.file_operations }),
    ...(input.llm_name === undefined ? {} : { llm_name: input.llm_name }),
  };
}

/**
 * The conversation tools.
 * @param person login name that sessions belong to
 * @param places what is deleted goes from there too
 */
export function conversationTools(
  database: Database,
  person: string,
  places: Places,
): ConversationTools {
  const sourceOf = (
    call: Call,
    eventId: string | undefined,
    context = call.context,
  ): CaptureSource => ({
    person,
    context,
    at: call.at ?? new Date().toISOString(),
    eventId: eventId ?? call.idempotencyKey,
  });
  return {
    async capture_user_query(input, call) {
      const captured = await captureQuery(database, sourceOf(call, input.event_id), {
        content: input.query,
        metadata: input.metadata ?? {},
        thread: input.thread_id ?? null,
      });
      return { ...captured, message: 'Query captured.' };
    },
    async capture_ai_response(input, call) {
      const { answers, ...captured } = await captureResponse(
        database,
        sourceOf(call, input.event_id),
        {
          content: input.response,
          metadata: input.metadata ?? {},
          turnId: input.query_turn_id,
        },
      );
      const message = answers
        ? 'Response captured.'
        : 'Response captured as a turn of its own: the session has no open query.';
      return { ...captured, message };
    },
    async record_chat_history(input, call) {
      checkSpelling(input.project_dir, 'project_dir');
      const context = await withProjectDir(call.context, input.project_dir);
      const { turn_ids, ...place } = await captureTurns(
        database,
        sourceOf(call, input.event_id, context),
        [
          {
            query: input.user_input,
            response: input.system_output,
            metadata: chatHistoryMetadata(input),
            eventId: input.event_id ?? call.idempotencyKey,
          },
        ],
        input.thread_id ?? null,
      );
      return { turn_id: turn_ids[0] ?? '', ...place, message: 'Turn captured.' };
    },
    async capture_turns(input, call) {
      const key = call.idempotencyKey;
      const turns = input.turns.map((turn, index) => ({
        query: turn.query,
        response: turn.response,
        metadata: turn.metadata ?? {},
        eventId: turn.event_id ?? (key === undefined ? undefined : `${key}:${index}`),
      }));
      const stored = await captureTurns(database, sourceOf(call, undefined), turns, null);
      return { ...stored, captured: turns.length };
    },
    get_conversation_stats: (_input, { signal, context }) =>
      statistics(database.heeding(signal), person, context),
    async close_session(_input, call) {
      const session = await closeCurrentSession(database, person, call.context);
      return {
        session_id: session?.session_id ?? null,
        thread_id: session?.thread_id ?? null,
        closed: session !== null,
        message: session ? 'Session closed.' : 'No session is open here.',
      };
    },
    async list_projects(_input, { signal }) {
      return { projects: await listProjects(database.heeding(signal)) };
    },
    list_sessions: (input, { signal }) => listSessions(database.heeding(signal), input),
    get_session: (input, { signal }) => getSession(database.heeding(signal), input),
    get_turn: ({ turn_id }) => getTurn(database, turn_id),
    import_messages(input, call) {
      const fallback = input.project
        ? projectOfLine(input.project)
        : (call.context.project ?? DEFAULT_PROJECT);
      return importLines(database, { person, fallback }, input.lines, call.signal);
    },
    export_messages: (input, { signal }) => exportLines(database.heeding(signal), input),
    delete_conversations: (input) => deleteEverywhere(database, places, input),
  };
}
