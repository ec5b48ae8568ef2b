import type { ObservedConversation } from '../../../../contracts/observed.ts';
import { asObject, asText, type Json } from '../shared/json.ts';
import { wholeConversation } from '../shared/turns.ts';
import type { Workspace } from '../shared/workspaces.ts';
import { turnsOf } from './bubblesToTurns.ts';
import type { Composer } from './composer.ts';
import type { Tab } from './tabs.ts';

const about = { agent: 'cursor', route: 'store' } as const;

/** A conversation as the store has it. @param head its entry in Cursor's list, empty without one */
export function ofComposer(
  { id, data, bubbles }: Composer,
  head: Json,
  place: Workspace,
): ObservedConversation {
  const turns = turnsOf(bubbles, {
    status: asText(data.status),
    model: asText(asObject(data.modelConfig).modelName),
    lastRequest: asText(data.latestChatGenerationUUID),
  });
  const title = asText(data.name) ?? asText(head.name);
  return wholeConversation({ ...about, conversation: id, title, ...place }, turns);
}

/** A tab of the old chat panel. */
export function ofTab(tab: Tab, place: Workspace): ObservedConversation {
  const turns = turnsOf(tab.bubbles, { status: null, model: null, lastRequest: null });
  const title = tab.title?.split('\n')[0] ?? null;
  return wholeConversation({ ...about, conversation: tab.id, title, ...place }, turns);
}

/** Prompts that are all that is left of a workspace's conversations. */
export function ofPrompts(
  workspace: string,
  turns: ObservedConversation['turns'],
  place: Workspace,
): ObservedConversation {
  const conversation = `prompts-${workspace}`;
  return { ...wholeConversation({ ...about, conversation, ...place }, turns), whole: false };
}
