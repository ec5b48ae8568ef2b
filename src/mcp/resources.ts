import type {
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { ProjectSummary, SessionSummary, StoredMessage } from '../contracts/conversations.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import type { ToolDoor } from './door.ts';
import type { ResourcePage } from './surface.ts';
import { type StoredPart, safeLine, untrusted } from './untrusted.ts';
import { readResourceUri, resourceTemplateUri, resourceUri } from './uris.ts';

const MARKDOWN = 'text/markdown';
const SESSIONS_A_PAGE = 50;
const MESSAGES_A_PAGE = 100;
const PROJECTS_LISTED = 50;

export const resourceTemplates: readonly ResourceTemplateType[] = [
  {
    name: 'session',
    title: 'Conversation',
    uriTemplate: resourceTemplateUri('session'),
    description: 'A stored conversation in order, by pages. Untrusted stored text.',
    mimeType: MARKDOWN,
  },
  {
    name: 'turn',
    title: 'Turn',
    uriTemplate: resourceTemplateUri('turn'),
    description: 'One question with its answer, verbatim. Untrusted stored text.',
    mimeType: MARKDOWN,
  },
  {
    name: 'project',
    title: 'Project',
    uriTemplate: resourceTemplateUri('project'),
    description: 'A project with its last conversations. Untrusted stored text.',
    mimeType: MARKDOWN,
  },
];

function sessionResource(session: SessionSummary): Resource {
  const { project, agent, turn_count, last_activity_at } = session;
  return {
    uri: resourceUri('session', session.session_id),
    name: safeLine(session.title),
    description: [project, agent ?? '', `${turn_count} turns`]
      .map(safeLine)
      .filter(Boolean)
      .join(' · '),
    mimeType: MARKDOWN,
    annotations: { lastModified: last_activity_at },
  };
}

function projectResource(project: ProjectSummary): Resource {
  const { last_activity_at } = project;
  return {
    uri: resourceUri('project', project.project_id),
    name: safeLine(project.name),
    description: `Project with ${project.session_count} conversations`,
    mimeType: MARKDOWN,
    ...(last_activity_at ? { annotations: { lastModified: last_activity_at } } : {}),
  };
}

/** Projects on the first page, then every conversation, last used first. */
export async function listResources(
  call: ToolDoor,
  cursor: string | undefined,
  extra: ServerContext,
): Promise<ResourcePage> {
  const page = { limit: SESSIONS_A_PAGE, ...(cursor === undefined ? {} : { cursor }) };
  const { sessions, next_cursor } = await call('list_sessions', page, extra);
  const resources = sessions.map(sessionResource);
  if (cursor === undefined) {
    const { projects } = await call('list_projects', {}, extra);
    resources.unshift(...projects.slice(0, PROJECTS_LISTED).map(projectResource));
  }
  return { resources, ...(next_cursor === null ? {} : { nextCursor: next_cursor }) };
}

/** What a resource says, or undefined for an address of another kind; throws `not_found`. */
export async function readResource(
  call: ToolDoor,
  uri: string,
  extra: ServerContext,
): Promise<ReadResourceResult | undefined> {
  const address = readResourceUri(uri);
  if (!address) return undefined;
  const { kind, id, cursor } = address;
  const text =
    kind === 'session'
      ? await sessionText(call, id, cursor, extra)
      : kind === 'turn'
        ? await turnText(call, id, extra)
        : await projectText(call, id, cursor, extra);
  return { contents: [{ uri, mimeType: MARKDOWN, text }] };
}

function sessionPart(session: SessionSummary): StoredPart {
  const { title, project, agent, created_at, turn_count } = session;
  return { place: [title, project, agent ?? '', created_at, `${turn_count} turns`], content: '' };
}

function messagePart(message: StoredMessage): StoredPart {
  const { role, created_at, model, turn_id, content } = message;
  return { place: [role, created_at, model ?? '', `turn ${turn_id}`], content };
}

/** Tells where the next page is; ours, so it stands outside of the stored text. */
function withMore(text: string, uri: string | null): string {
  return uri === null ? text : `${text}\nMore: ${uri}`;
}

async function sessionText(
  call: ToolDoor,
  id: string,
  cursor: string | undefined,
  extra: ServerContext,
): Promise<string> {
  const page = { limit: MESSAGES_A_PAGE, ...(cursor === undefined ? {} : { cursor }) };
  const found = await call('get_session', { session_id: id, ...page }, extra);
  const text = untrusted([sessionPart(found.session), ...found.messages.map(messagePart)]);
  return withMore(text, found.next_cursor && resourceUri('session', id, found.next_cursor));
}

async function turnText(call: ToolDoor, id: string, extra: ServerContext): Promise<string> {
  const { session, messages } = await call('get_turn', { turn_id: id }, extra);
  const text = untrusted([sessionPart(session), ...messages.map(messagePart)]);
  return `${text}\nConversation: ${resourceUri('session', session.session_id)}`;
}

async function projectText(
  call: ToolDoor,
  id: string,
  cursor: string | undefined,
  extra: ServerContext,
): Promise<string> {
  const { projects } = await call('list_projects', {}, extra);
  const project = projects.find(({ project_id }) => project_id === id);
  if (!project) throw new TurnkeepError('not_found', `There is no project ${id}.`);
  const page = { limit: SESSIONS_A_PAGE, ...(cursor === undefined ? {} : { cursor }) };
  const { sessions, next_cursor } = await call('list_sessions', { project: id, ...page }, extra);
  const { name, root, session_count, message_count } = project;
  const counts = `${session_count} conversations, ${message_count} messages`;
  const text = untrusted([
    { place: [name, root ?? '', counts], content: '' },
    ...sessions.map((session) => ({
      place: [session.title, session.last_activity_at, resourceUri('session', session.session_id)],
      content: '',
    })),
  ]);
  return withMore(text, next_cursor && resourceUri('project', id, next_cursor));
}
