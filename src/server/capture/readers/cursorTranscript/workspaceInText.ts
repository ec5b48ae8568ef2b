/** The folder that Cursor names in the `<user_info>` it puts before a first prompt; null without. */
export function workspaceInText(text: string): string | null {
  const begin = text.indexOf('<user_info>');
  if (begin < 0) return null;
  const end = text.indexOf('</user_info>', begin);
  const info = text.slice(begin, end < 0 ? begin + 4000 : end);
  const path = /^Workspace Path: (.+?)\s*$/m.exec(info)?.[1];
  return path && /^(\/|[a-z]:|\\\\)/i.test(path) ? path : null;
}
