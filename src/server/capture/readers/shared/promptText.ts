/*
 * What the person typed, out of what the agent made of it. Agents put files, rules and reminders
 * around a prompt, in tags of their own; only these tags are taken away, all else stays as it is.
 */

/** Tags whose content the agent wrote. */
const INJECTED = [
  'attached_files',
  'additional_data',
  'additional_context',
  'agent_skills',
  'agent_transcripts',
  'always_applied_workspace_rules',
  'attachments',
  'cursor_commands',
  'current_file',
  'current_datetime',
  'environment_context',
  'environment_details',
  'external_links',
  'git_status',
  'ide_opened_file',
  'ide_selection',
  'image_files',
  'linter_errors',
  'local-command-caveat',
  'local-command-stderr',
  'local-command-stdout',
  'manually_attached_skills',
  'open_and_recently_viewed_files',
  'project_layout',
  'recently_viewed_files',
  'reminderInstructions',
  'rules',
  'session_context',
  'system-reminder',
  'system_notification',
  'system_reminder',
  'task-notification',
  'teammate-message',
  'timestamp',
  'user_info',
  'workspace_info',
];
/** Tags whose content the person wrote. */
const TYPED = ['user_query', 'userRequest', 'user_request'];

/**
 * The prompt as the person typed it: the inside of `<user_query>` where there is one, without the
 * blocks that agents add. Empty when nothing of the text is the person's.
 */
export function typedText(text: string): string {
  if (!text.includes('<')) return text.trim() === '' ? '' : text;
  for (const tag of TYPED) {
    const inner = insideOf(text, tag);
    if (inner.length > 0) return inner.join('\n\n');
  }
  const rest = withoutInjected(text);
  // Only what stood around an injected block is trimmed: a prompt with none stays verbatim.
  if (rest.length !== text.length) return rest.trim();
  return text.trim() === '' ? '' : text;
}

/** What stands inside each block of a tag, without the line breaks next to the tags. */
function insideOf(text: string, tag: string): string[] {
  const found: string[] = [];
  const [opening, closing] = [`<${tag}>`, `</${tag}>`];
  for (let begin = text.indexOf(opening); begin >= 0; ) {
    const end = text.indexOf(closing, begin);
    if (end < 0) break;
    const inner = text.slice(begin + opening.length, end);
    found.push(inner.replace(/^\r?\n/, '').replace(/\r?\n$/, ''));
    begin = text.indexOf(opening, end);
  }
  return found;
}

/**
 * Only a block at an edge of the prompt was added by the agent; the same tag in the middle of a
 * sentence is something that the person writes about.
 */
function withoutInjected(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = withoutFirst(withoutLast(rest));
  }
  return rest;
}

function withoutFirst(text: string): string {
  const tag = /^\s*<([\w-]+)(?:\s[^<>]*)?>/.exec(text)?.[1];
  if (tag === undefined || !INJECTED.includes(tag)) return text;
  const end = text.indexOf(`</${tag}>`);
  return end < 0 ? text : text.slice(end + tag.length + 3).trimStart();
}

function withoutLast(text: string): string {
  const trimmed = text.trimEnd();
  const tag = /<\/([\w-]+)>$/.exec(trimmed.slice(-80))?.[1];
  if (tag === undefined || !INJECTED.includes(tag)) return text;
  const inner = trimmed.slice(0, -(tag.length + 3));
  const begin = Math.max(inner.lastIndexOf(`<${tag}>`), inner.lastIndexOf(`<${tag} `));
  const before = begin > 0 ? text.charAt(begin - 1) : '\n';
  return begin < 0 || before !== '\n' ? text : text.slice(0, begin).trimEnd();
}
