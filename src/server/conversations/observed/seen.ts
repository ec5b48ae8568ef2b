import { createHash } from 'node:crypto';
import { MAX_MESSAGE_BYTES } from '../../../contracts/limits.ts';
import type { ObservedConversation, ObservedTurn } from '../../../contracts/observed.ts';
import { holdable } from '../../database/text.ts';
import { protect, protectJson } from '../../redaction/service.ts';
import { contentHash } from '../content.ts';
import { BETWEEN_PARTS, type Seen } from './model.ts';
import { Wording } from './wording.ts';

const LONGEST_REF = 300;

/** A name as it is kept: one that is too long is kept as its digest. */
export function keptName(name: string): string {
  const text = holdable(name);
  if (text.length <= LONGEST_REF) return text;
  const kind = /^[a-z]+:/.exec(text)?.[0] ?? '';
  return `${kind}${createHash('sha256').update(text).digest('hex')}`;
}

/** What a conversation is called in `external_id`. */
export function externalIdOf(conversation: ObservedConversation): string {
  return keptName(`${conversation.agent}/${conversation.conversation}`);
}

/**
 * The turns of an observation as they may be stored, and the names of those that are private as a
 * whole. `stored` tells the hashes of what is stored already: such a text needs no second look.
 */
export function seenTurns(
  turns: ObservedTurn[],
  stored: ReadonlySet<string>,
): { seen: Seen[]; privateRefs: string[] } {
  const seen: Seen[] = [];
  const privateRefs: string[] = [];
  for (const turn of turns) {
    const one = seenTurn(turn, stored);
    if (one) seen.push(one);
    else privateRefs.push(...turn.refs.filter((ref) => !ref.startsWith('event:')).map(keptName));
  }
  return { seen, privateRefs };
}

/** Null when the prompt, or all that there is, is private. */
function seenTurn(turn: ObservedTurn, stored: ReadonlySet<string>): Seen | null {
  const prompt = clean('user', turn.prompt?.text ?? '', stored);
  const given = turn.answers.filter(({ text }) => text.trim() !== '');
  const whole = given.map(({ text }) => text).join(BETWEEN_PARTS);
  // The parts are looked at together: a secret may begin in one and end in the next.
  const joined = clean('assistant', whole, stored);
  if (prompt.private || (joined.private && !prompt.text)) return null;
  const parts =
    joined.text === whole
      ? given.map(({ text }) => text)
      : given.map(({ text }) => clean('assistant', text, stored).text);
  const refs = turn.refs.map(keptName);
  const metadata = { ...turn.metadata, ...prompt.cut, ...joined.cut };
  return {
    refs: [...new Set(refs.filter((ref) => !ref.startsWith('event:')))],
    event: refs.find((ref) => ref.startsWith('event:')) ?? null,
    prompt: prompt.text ? new Wording(prompt.text) : null,
    promptAt: timeOf(turn.prompt?.at),
    parts: parts.filter((part) => part !== '').map((part) => new Wording(part)),
    answer: joined.text ? new Wording(joined.text) : null,
    answerAt: timeOf(turn.answers.at(-1)?.at),
    status: turn.status,
    facts: protectJson(turn.facts).value as Seen['facts'],
    parent: turn.parent === null ? null : keptName(turn.parent),
    metadata: protectJson(metadata).value as Record<string, unknown>,
  };
}

type Clean = { text: string; private: boolean; cut: Record<string, unknown> };

function clean(role: 'user' | 'assistant', text: string, stored: ReadonlySet<string>): Clean {
  if (text.trim() === '') return { text: '', private: false, cut: {} };
  const { text: short, cut } = fitting(role, text);
  if (stored.has(contentHash(role, short))) return { text: short, private: false, cut };
  const { text: open } = protect(short);
  // What was set aside comes back with its private parts taken out already.
  const all = open.includes('[private]') && open.replaceAll('[private]', '').trim() === '';
  return { text: all ? '' : open, private: all, cut };
}

/** A text over the limit of a message is cut, and the metadata say how long it was. */
function fitting(role: string, text: string): { text: string; cut: Record<string, unknown> } {
  const limit = MAX_MESSAGE_BYTES - 64 * 1024;
  if (text.length * 3 <= limit) return { text, cut: {} };
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return { text, cut: {} };
  const kept = new TextDecoder().decode(bytes.subarray(0, limit), { stream: true });
  return { text: kept, cut: { [`${role}_bytes_before_cut`]: bytes.length } };
}

/** A time as it is stored; null when it is none, or not one that a database holds. */
function timeOf(at: string | null | undefined): string | null {
  const time = Date.parse(at ?? '');
  const sane = time > 0 && time < Date.UTC(3000, 0);
  return sane ? new Date(time).toISOString() : null;
}
