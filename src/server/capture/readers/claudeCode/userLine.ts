import { asList, asObject, asText, type Json } from '../shared/json.ts';
import { typedText } from '../shared/promptText.ts';

/** What a line of type `user` says: something typed, a command of the program, or an interruption. */
export type UserLine =
  | { kind: 'prompt'; text: string; interrupts?: boolean }
  /** Typed as well, but most commands ask nothing of the model and get no answer. */
  | { kind: 'command'; text: string }
  | { kind: 'interrupted' }
  /** A result of a tool, a reminder, output of a command: nothing that the person wrote. */
  | { kind: 'none' };

const INTERRUPTED = /^\[Request interrupted by user/;
const NONE: UserLine = { kind: 'none' };
const PICTURE: UserLine = { kind: 'prompt', text: '[image]' };

/** What the person said with this line. */
export function readUserLine(line: Json): UserLine {
  const content = asObject(line.message).content;
  const all = typeof content === 'string' ? [content] : textsOf(content);
  const texts = all.filter((text) => !INTERRUPTED.test(text));
  const interrupts = texts.length < all.length;
  const none: UserLine = interrupts ? { kind: 'interrupted' } : NONE;
  if (line.isMeta === true || line.isCompactSummary === true) return none;
  const origin = asText(asObject(line.origin).kind);
  if (origin !== null && origin !== 'human') return none;
  const said = texts.length === 0 && isPicture(content) ? PICTURE : promptOf(texts);
  if (said.kind === 'none') return none;
  return said.kind === 'prompt' && interrupts ? { ...said, interrupts } : said;
}

/** Whether the person sent a picture or a document and nothing else. */
function isPicture(content: unknown): boolean {
  const types = asList(content).map((part) => asObject(part).type);
  return types.length > 0 && types.every((type) => type === 'image' || type === 'document');
}

/** A prompt that was typed while the agent worked and went along with the next request. */
export function readQueuedPrompt(line: Json): string | null {
  const attachment = asObject(line.attachment);
  if (attachment.type !== 'queued_command') return null;
  if (asText(attachment.commandMode) !== null && attachment.commandMode !== 'prompt') return null;
  const origin = asText(asObject(attachment.origin).kind);
  if (attachment.isMeta === true || (origin !== null && origin !== 'human')) return null;
  const { prompt } = attachment;
  const read = promptOf(typeof prompt === 'string' ? [prompt] : textsOf(prompt));
  return read.kind === 'prompt' ? read.text : null;
}

function promptOf(texts: string[]): UserLine {
  const joined = texts.join('\n\n');
  const command = commandOf(joined);
  if (command !== null) return { kind: 'command', text: command };
  const typed = texts
    .map(typedText)
    .filter((text) => text !== '' && !/^<(bash-stdout|bash-stderr)>/.test(text));
  return typed.length > 0 ? { kind: 'prompt', text: typed.join('\n\n') } : NONE;
}

function textsOf(content: unknown): string[] {
  return asList(content).flatMap((part) => {
    const { type, text } = asObject(part);
    return type === 'text' && typeof text === 'string' ? [text] : [];
  });
}

/** A slash command or a shell line as it was typed, out of the tags that it is stored in. */
function commandOf(text: string): string | null {
  if (!/^\s*<(command-name|command-message|bash-input)>/.test(text)) return null;
  const shell = inside(text, 'bash-input');
  if (shell !== null) return `!${shell}`;
  const name = inside(text, 'command-name') ?? inside(text, 'command-message');
  if (name === null) return null;
  const given = inside(text, 'command-args') ?? '';
  const slashed = name.startsWith('/') ? name : `/${name}`;
  return given === '' ? slashed : `${slashed} ${given}`;
}

function inside(text: string, tag: string): string | null {
  const begin = text.indexOf(`<${tag}>`);
  const end = text.indexOf(`</${tag}>`, begin);
  return begin < 0 || end < 0 ? null : text.slice(begin + tag.length + 2, end).trim();
}
