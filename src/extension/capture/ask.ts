import * as vscode from 'vscode';
import type { Draft } from '../drafts/draftStore.ts';
import { ago, oneLine } from '../pages/plainText.ts';
import { type DraftParts, type TurnChoice, turnChoices, typedText } from './choices.ts';
import { describeItems, type Item, withoutLabel } from './conversation.ts';
import { askLine, type Choice, pickOrType } from './pickOrType.ts';

/** What the person decided to do. */
export type Answer =
  | { do: 'keep'; items: Item[] }
  | { do: 'draft'; parts: DraftParts }
  | { do: 'continue'; draft: Draft };

/** Text of the active selection; empty without one. */
export function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return '';
  return editor.selections.map((range) => editor.document.getText(range)).join('\n');
}

const SOURCES = {
  selection: ['selection', 'the selection'],
  clipboard: ['clippy', 'the clipboard'],
  both: ['combine', 'the selection and the clipboard'],
} as const;

/** Asks what to capture as a turn: from the selection, the clipboard, by typing, or in a draft. */
export async function askTurn(drafts: Draft[]): Promise<Answer | undefined> {
  const title = 'Capture Conversation Turn';
  const clipboard = await vscode.env.clipboard.readText();
  const choices = turnChoices({ selection: selectedText(), clipboard }).map(choiceOf);
  const picked = await pickOrType<Answer | { do: 'typed'; query: string }>({
    title,
    placeholder: 'Type the question in one line, or choose where the turn comes from',
    choices: [...choices, ...drafts.map(continueChoice)],
    typed: (text) => ({
      label: `$(pencil) ${oneLine(text)}`,
      description: 'use as the question, then ask for the answer',
      value: { do: 'typed', query: typedText(text, clipboard) },
    }),
  });
  if (picked?.do !== 'typed') return picked;
  const { query } = picked;
  const response = await askLine(title, `The answer to “${oneLine(query, 60)}”`);
  if (response === undefined) return undefined;
  const text = typedText(response, clipboard);
  return { do: 'keep', items: [{ kind: 'turn', query, response: text }] };
}

function choiceOf(choice: TurnChoice): Choice<Answer> {
  if (choice.kind === 'items') {
    const [icon, from] = SOURCES[choice.from];
    return {
      label: `$(${icon}) Capture ${describeItems(choice.items)} from ${from}`,
      detail: choice.items.slice(0, 3).map(excerpt).join('  ·  '),
      alwaysShow: true,
      value: { do: 'keep', items: choice.items },
    };
  }
  const { parts } = choice;
  const filled = parts.query !== '' || parts.response !== '';
  return {
    label: '$(edit) Write in the draft editor',
    description: filled ? 'with what was found filled in' : 'question and answer, any length',
    ...(filled ? { detail: oneLine(parts.query || parts.response) } : {}),
    alwaysShow: true,
    value: { do: 'draft', parts },
  };
}

function excerpt(item: Item): string {
  return oneLine(item.kind === 'response' ? item.response : item.query, 40);
}

function continueChoice(draft: Draft): Choice<Answer> {
  return {
    label: '$(history) Continue a draft',
    description: `changed ${ago(new Date(draft.changed).toISOString())}`,
    detail: oneLine(draft.text.replace(/<!--.*?-->/g, ' ')) || 'empty',
    alwaysShow: true,
    value: { do: 'continue', draft },
  };
}

/**
 * Asks for one message. A selection is captured as it is, without asking: it was chosen already, and
 * the notification can undo it.
 */
export async function askMessage(
  kind: 'query' | 'response',
  drafts: Draft[],
): Promise<Answer | undefined> {
  const selection = selectedText();
  if (selection.trim() !== '') return { do: 'keep', items: [messageItem(kind, selection)] };
  const clipboard = await vscode.env.clipboard.readText();
  const word = kind === 'query' ? 'question' : 'answer';
  const parts = { query: '', response: '', [kind]: withoutLabel(clipboard).trim() };
  const fromClipboard = (text: string, how: string): Choice<Answer> => ({
    label: `$(clippy) Capture the ${word} from the clipboard${how}`,
    detail: oneLine(text),
    alwaysShow: true,
    value: { do: 'keep', items: [messageItem(kind, text)] },
  });
  // What looks like a label may be text: it is taken off only when the person says so.
  const plain = withoutLabel(clipboard);
  const clipboardChoices = [
    fromClipboard(clipboard, ''),
    ...(plain === clipboard ? [] : [fromClipboard(plain, ', without its label')]),
  ];
  return pickOrType<Answer>({
    title: kind === 'query' ? 'Capture User Query' : 'Capture AI Response',
    placeholder: `Type the ${word} in one line, or choose where it comes from`,
    choices: [
      ...(clipboard.trim() === '' ? [] : clipboardChoices),
      choiceOf({ kind: 'draft', parts }),
      ...drafts.filter((draft) => draft.kind === kind).map(continueChoice),
    ],
    typed: (text) => ({
      label: `$(pencil) ${oneLine(text)}`,
      description: `capture as the ${word}`,
      value: { do: 'keep', items: [messageItem(kind, typedText(text, clipboard))] },
    }),
  });
}

function messageItem(kind: 'query' | 'response', text: string): Item {
  return kind === 'query' ? { kind, query: text } : { kind, response: text };
}
