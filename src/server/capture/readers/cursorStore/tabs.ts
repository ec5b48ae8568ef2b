import { createHash } from 'node:crypto';
import type { ObservedTurn } from '../../../../contracts/observed.ts';
import { asList, asObject, asText, isObject, type Json, parseJson } from '../shared/json.ts';
import { typedText } from '../shared/promptText.ts';
import { isoTime } from '../shared/time.ts';
import { linkInOrder, newTurn } from '../shared/turns.ts';
import type { KeyValues } from '../sqlite/keyValues.ts';
import { type Bubble, readBubble } from './bubble.ts';

/** Conversations that older generations keep in a workspace's own store, in one row for all. */
export type Kept = {
  /** Conversations of the first composers, with their messages in them. */
  composers: Json[];
  /** Tabs of the chat panel from before there were composers. */
  tabs: Tab[];
  /** Prompts alone, where the store has nothing else left of them. */
  prompts: ObservedTurn[];
  /** Keys whose value is no JSON. */
  rotten: string[];
};

export type Tab = { id: string; title: string | null; bubbles: Bubble[]; lastAt: string | null };

const COMPOSERS = 'composer.composerData';
const CHATS = [
  'workbench.panel.aichat.view.aichat.chatdata',
  'workbench.panel.chat.view.chat.chatdata',
];

/** What `ItemTable` keeps of conversations. @param workspace id of the workspace, null for none */
export function readKept(items: KeyValues, workspace: string | null): Kept {
  const rotten: string[] = [];
  const read = (key: string): unknown => {
    const value = items.value(key);
    if (!value || value.length === 0) return undefined;
    const parsed = parseJson(value.toString());
    if (parsed === undefined) rotten.push(key);
    return parsed;
  };
  const list = asObject(read(COMPOSERS));
  const composers = asList(list.allComposers).map(asObject);
  const tabs = CHATS.flatMap((key) => asList(asObject(read(key)).tabs).flatMap(readTab));
  const others = composers.length + asList(list.selectedComposerIds).length + tabs.length;
  const alone = workspace !== null && others === 0;
  const prompts = alone
    ? promptsOf(workspace, read('aiService.generations'), read('aiService.prompts'))
    : [];
  const whole = composers.filter((data) => asList(data.conversation).length > 0);
  return { composers: whole, tabs, prompts, rotten };
}

function readTab(value: unknown): Tab[] {
  const tab = asObject(value);
  const id = asText(tab.tabId) ?? asText(tab.id);
  const bubbles = asList(tab.bubbles).flatMap((entry) => {
    return isObject(entry) ? (readBubble(entry) ?? []) : [];
  });
  if (!id || bubbles.length === 0) return [];
  const title = asText(tab.chatTitle) ?? asText(tab.title);
  return [{ id, title, bubbles, lastAt: isoTime(tab.lastSendTime) }];
}

/**
 * The last prompts of a workspace, which Cursor keeps beside its conversations: with a generation
 * id and a time, and older ones as text alone. There are no answers to them.
 */
function promptsOf(workspace: string, generations: unknown, prompts: unknown): ObservedTurn[] {
  const dated = asList(generations).map((entry) => {
    const { unixMs, generationUUID, textDescription } = asObject(entry);
    const id = asText(generationUUID);
    return { text: asText(textDescription), at: isoTime(unixMs), ref: id && `generation:${id}` };
  });
  const known = new Set(dated.map(({ text }) => text));
  const bare = asList(prompts)
    .map((entry) => ({ text: asText(asObject(entry).text), at: null, ref: null }))
    .filter(({ text }) => !known.has(text));
  const counts = new Map<string, number>();
  const turns = [...bare, ...dated].flatMap(({ text, at, ref }) => {
    const typed = typedText(text ?? '');
    if (!typed) return [];
    const count = (counts.get(typed) ?? 0) + 1;
    counts.set(typed, count);
    // The list is cut at its front as it grows, so that a prompt's place is no name for it.
    const own = createHash('sha256').update(`${workspace}\n${count}\n${typed}`).digest('hex');
    const turn = newTurn({ text: typed, at }, [ref ?? `prompt:${own.slice(0, 32)}`]);
    turn.status = 'complete';
    return [turn];
  });
  linkInOrder(turns);
  return turns;
}
