import type { CompleteRequestParams, ServerContext } from '@modelcontextprotocol/server';
import { memoryRoleSchema } from '../contracts/memory.ts';
import type { ToolDoor } from './door.ts';
import { isPrompt } from './prompts.ts';
import { RESOURCE_KINDS, type ResourceKind, resourceTemplateUri } from './uris.ts';

const SESSIONS_LOOKED_AT = 200;
const TURNS_LOOKED_AT = 200;

/** A value with the words that it can be found by as well. */
type Candidate = { value: string; words?: string };

/** Values that begin with what was typed first, then those that hold it, or whose words do. */
function matching(typed: string, candidates: Candidate[]): string[] {
  const wanted = typed.toLowerCase();
  const rank = ({ value, words = '' }: Candidate) => {
    const lower = value.toLowerCase();
    if (lower.startsWith(wanted)) return 0;
    return lower.includes(wanted) || words.toLowerCase().includes(wanted) ? 1 : 2;
  };
  const found = [0, 1].flatMap((wantedRank) =>
    candidates.filter((candidate) => rank(candidate) === wantedRank),
  );
  return [...new Set(found.map(({ value }) => value))];
}

async function sessions(call: ToolDoor, extra: ServerContext): Promise<Candidate[]> {
  const found = await call('list_sessions', { limit: SESSIONS_LOOKED_AT }, extra);
  return found.sessions.map(({ session_id, title, project }) => {
    return { value: session_id, words: `${title} ${project}` };
  });
}

/** Turns of the conversation used last. */
async function turns(call: ToolDoor, extra: ServerContext): Promise<Candidate[]> {
  const [latest] = (await call('list_sessions', { limit: 1 }, extra)).sessions;
  if (!latest) return [];
  const page = { session_id: latest.session_id, limit: TURNS_LOOKED_AT };
  const { messages } = await call('get_session', page, extra);
  return messages
    .reverse()
    .map(({ turn_id, content }) => ({ value: turn_id, words: content.slice(0, 1000) }));
}

async function projects(call: ToolDoor, extra: ServerContext, by: 'id' | 'name') {
  const found = await call('list_projects', {}, extra);
  return found.projects.map(({ project_id, name, key }): Candidate => {
    return { value: by === 'id' ? project_id : name, words: `${name} ${key}` };
  });
}

function ofTemplate(call: ToolDoor, extra: ServerContext, kind: ResourceKind) {
  if (kind === 'session') return sessions(call, extra);
  return kind === 'turn' ? turns(call, extra) : projects(call, extra, 'id');
}

async function ofPrompt(call: ToolDoor, extra: ServerContext, argument: string) {
  if (argument === 'project') return projects(call, extra, 'name');
  if (argument === 'session') return sessions(call, extra);
  if (argument === 'role') return memoryRoleSchema.options.map((value) => ({ value }));
  return [];
}

/** Values for an argument of our prompts and templates; undefined for others' . */
export async function complete(
  call: ToolDoor,
  { ref, argument }: CompleteRequestParams,
  extra: ServerContext,
): Promise<string[] | undefined> {
  if (ref.type === 'ref/prompt') {
    if (!isPrompt(ref.name)) return undefined;
    return matching(argument.value, await ofPrompt(call, extra, argument.name));
  }
  const kind = RESOURCE_KINDS.find((one) => resourceTemplateUri(one) === ref.uri);
  if (!kind || argument.name !== 'id') return undefined;
  return matching(argument.value, await ofTemplate(call, extra, kind));
}
