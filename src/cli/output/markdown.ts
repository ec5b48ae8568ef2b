import type { MessageLine } from '../../contracts/conversations.ts';

/** A message as Markdown, under the heading of its session when that begins with it. */
export function markdownOf(line: MessageLine, before: MessageLine | null): string {
  const parts: string[] = [];
  if (!before || before.session !== line.session || before.project !== line.project) {
    if (before) parts.push('');
    parts.push(`# ${heading(line)}`, '');
  }
  const who = line.role === 'user' ? 'User' : 'Assistant';
  const about = [line.model, line.created_at].filter((text) => text !== undefined);
  parts.push(
    `## ${who}${about.length > 0 ? ` (${about.join(', ')})` : ''}`,
    '',
    line.content,
    '',
    '',
  );
  return parts.join('\n');
}

function heading({ session, project }: MessageLine): string {
  return project === undefined ? `Session ${session}` : `Session ${session}, project ${project}`;
}
