import { TEXT_FIELDS, type TextField } from '../../contracts/webhookEvents.ts';
import { originalContent } from '../database/text.ts';
import type { Read } from './store.ts';

/** The text fields that were chosen. */
export function chosenText(fields: readonly string[] | undefined): TextField[] {
  return TEXT_FIELDS.filter((field) => fields?.includes(field) === true);
}

type Texts = Partial<Record<TextField, string | null>> & { deleted?: true };

/**
 * What was said, and the names, of an event: read when it is sent, so that what was deleted
 * meanwhile does not leave.
 */
export async function textsOf(
  read: Read,
  data: Record<string, unknown>,
  wanted: readonly TextField[],
): Promise<Texts> {
  const { turn_id, session_id } = data;
  if (wanted.length === 0 || typeof session_id !== 'string') return {};
  const session = await read
    .selectFrom('conversation_sessions as s')
    .innerJoin('projects as p', 'p.project_id', 's.project_id')
    .select(['s.title', 'p.name'])
    .where('s.session_id', '=', session_id)
    .executeTakeFirst();
  const isTurn = typeof turn_id === 'string';
  const messages = isTurn ? await messagesOf(read, turn_id) : [];
  if (!session || (isTurn && messages.length === 0)) return { deleted: true };
  const said = (role: 'user' | 'assistant') => {
    const parts = messages.filter((one) => one.message_type === role).map(originalContent);
    return parts.length === 0 ? null : parts.join('\n\n');
  };
  const texts: Texts = {};
  for (const field of wanted) {
    if (field === 'title') texts.title = session.title;
    else if (field === 'project') texts.project = session.name;
    else if (isTurn) texts[field] = said(field === 'query' ? 'user' : 'assistant');
  }
  return texts;
}

function messagesOf(read: Read, turnId: string) {
  return read
    .selectFrom('conversation_messages')
    .select(['message_type', 'content', 'content_exact'])
    .where('turn_id', '=', turnId)
    .orderBy('position')
    .execute();
}
