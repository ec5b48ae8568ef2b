import { asList, asObject, asText, parseJson } from '../shared/json.ts';

/** Deeper than any prompt is nested; a damaged one must not end the process. */
const DEPTH = 40;

/**
 * The plain text of a prompt as the editor's input box keeps it: a tree of paragraphs, texts, line
 * breaks and mentions, as JSON text or already read. Empty when it is nothing of the kind.
 */
export function plainText(richText: unknown): string {
  const tree = asObject(typeof richText === 'string' ? parseJson(richText) : richText);
  const lines = asList(asObject(tree.root).children).map((block) => textOf(block, DEPTH));
  return lines.join('\n').trim();
}

function textOf(value: unknown, depth: number): string {
  const node = asObject(value);
  if (node.type === 'linebreak') return '\n';
  const own = asText(node.text) ?? '';
  if (depth === 0) return own;
  return (
    own +
    asList(node.children)
      .map((child) => textOf(child, depth - 1))
      .join('')
  );
}
