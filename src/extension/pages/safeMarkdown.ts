/** Invisible in a rendered page; breaks the syntax that it stands in. */
const BREAK = '\u200B';

/**
 * Stored text made safe to render: raw HTML, images (which would call home when shown) and links
 * that run commands lose their syntax; code fences keep their text as it is; a fence that was left
 * open is closed, so that it cannot swallow what follows.
 */
export function safeMarkdown(text: string): string {
  const lines: string[] = [];
  let fence: Fence | null = null;
  let math = false;
  for (const line of text.split(/\r?\n/)) {
    if (fence && leavesContainer(fence, line)) fence = null;
    if (fence) {
      lines.push(line);
      if (closes(fence, line)) fence = null;
      continue;
    }
    if (/^\s*\$\$/.test(line) && !/\$\$.*\$\$/.test(line)) math = !math;
    fence = math ? null : opens(line);
    lines.push(neutral(line));
  }
  if (fence) lines.push(`${' '.repeat(fence.indent)}${fence.mark}`);
  if (math) lines.push('$$');
  return lines.join('\n');
}

type Fence = { mark: string; indent: number };

function opens(line: string): Fence | null {
  const match = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/.exec(line);
  return match?.[2] ? { mark: match[2], indent: match[1]?.length ?? 0 } : null;
}

function closes({ mark }: Fence, line: string): boolean {
  const found = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1];
  return found !== undefined && found[0] === mark[0] && found.length >= mark.length;
}

/** An indented fence may belong to a list item, and ends with it. */
function leavesContainer({ indent }: Fence, line: string): boolean {
  return indent > 0 && line.trim() !== '' && line.search(/\S/) < indent;
}

function neutral(line: string): string {
  return line
    .replace(/<(?=[a-z/!?])/gi, `<${BREAK}`)
    .replace(/!\[/g, `!${BREAK}[`)
    .replace(/(\]\(\s*|\]:\s*)(command|vscode[\w-]*|cursor|file):/gi, `$1$2${BREAK}:`);
}

/** Text inside a line of our own: nothing in it is syntax. */
export function escapeInline(text: string): string {
  return text.replace(/[\\`*_[\]<>!|~$&]/g, (char) => `\\${char}`);
}
