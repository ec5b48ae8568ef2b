import { type Item, labelledParts, pairParts, withoutLabel } from './conversation.ts';
import { guessRole } from './roles.ts';

export type Source = 'selection' | 'clipboard';
export type Found = { selection: string; clipboard: string };
export type DraftParts = { query: string; response: string };

/** What Capture Conversation Turn can offer for the text at hand. */
export type TurnChoice =
  | { kind: 'items'; from: Source | 'both'; items: Item[] }
  | { kind: 'draft'; parts: DraftParts };

const isBlank = (text: string) => text.trim() === '';

/**
 * Ways to capture a turn from the selection and the clipboard, most likely first; the draft, with
 * what was found already filled in, is always the last.
 */
export function turnChoices(found: Found): TurnChoice[] {
  const choices: TurnChoice[] = [];
  for (const from of ['selection', 'clipboard'] as const) {
    const items = pairParts(labelledParts(found[from]) ?? []);
    if (items.some((item) => item.kind === 'turn')) choices.push({ kind: 'items', from, items });
  }
  const parts = draftParts(found);
  if (choices.length === 0 && !isBlank(parts.query) && !isBlank(parts.response)) {
    choices.push({ kind: 'items', from: 'both', items: [{ kind: 'turn', ...parts }] });
  }
  choices.push({ kind: 'draft', parts });
  return choices;
}

/** A first filling of a two-part draft: each text goes where its label or its looks say. */
export function draftParts({ selection, clipboard }: Found): DraftParts {
  const parts: DraftParts = { query: '', response: '' };
  const chosen = isBlank(selection) ? clipboard : selection;
  if (isBlank(chosen)) return parts;
  const own = roleOf(chosen);
  parts[own] = withoutLabel(chosen);
  const other = own === 'query' ? 'response' : 'query';
  const rest = isBlank(selection) ? '' : clipboard;
  if (!isBlank(rest) && rest !== selection && roleOf(rest) === other) {
    parts[other] = withoutLabel(rest);
  }
  return parts;
}

function roleOf(text: string): keyof DraftParts {
  const parts = labelledParts(text);
  const role = parts?.length === 1 ? parts[0]?.role : guessRole(text).role;
  return role === 'assistant' ? 'response' : 'query';
}

/**
 * Text typed into a one-line box. Pasting folds lines there, so when the box holds the folded
 * clipboard, the clipboard itself is what was meant.
 */
export function typedText(typed: string, clipboard: string): string {
  const fold = (text: string) => text.replace(/\s+/g, '').trim();
  const folded = clipboard.includes('\n') && fold(clipboard) === fold(typed);
  return folded ? clipboard : typed;
}
