import {
  createScanner,
  findNodeAtLocation,
  type JSONPath,
  type Node,
  parseTree,
} from 'jsonc-parser/lib/esm/main.js';

/*
 * Small changes of a JSON text with comments, by whole lines: what other people wrote keeps its
 * bytes, and taking a member out again undoes putting it in. The text must be valid.
 */

/** Puts a member at the end of the object or list at `path`, which must be there. */
export function appendMember(text: string, path: JSONPath, member: unknown, key?: string): string {
  return onContent(text, (content) => {
    const node = nodeAt(content, path);
    const close = node.offset + node.length - 1;
    const last = node.children?.at(-1);
    const { unit, eol } = styleOf(content);
    const outer = indentationAt(content, node.offset);
    const inner = outer + unit;
    const name = key === undefined ? '' : `${JSON.stringify(key)}: `;
    const added = `${eol}${inner}${name}${written(member, unit, inner, eol)}${eol}${outer}`;
    // Before the bracket, but after a comment on the last member.
    const head = content.slice(0, close).trimEnd();
    const rest = added + content.slice(close);
    if (!last || commaAfter(head, last) !== null) return head + rest;
    const end = last.offset + last.length;
    return `${head.slice(0, end)},${head.slice(end)}${rest}`;
  });
}

/** Puts another value in the place of the one at `path`. */
export function replaceMember(text: string, path: JSONPath, member: unknown): string {
  return onContent(text, (content) => {
    const { offset, length } = nodeAt(content, path);
    const { unit, eol } = styleOf(content);
    const fresh = written(member, unit, indentationAt(content, offset), eol);
    return content.slice(0, offset) + fresh + content.slice(offset + length);
  });
}

/** Takes the member at `path` out of its object or list. */
export function removeMember(text: string, path: JSONPath): string {
  return onContent(text, (content) => {
    const value = nodeAt(content, path);
    const node = value.parent?.type === 'property' ? value.parent : value;
    const siblings = node.parent?.children ?? [];
    const index = siblings.indexOf(node);
    const before = siblings[index - 1];
    const ownComma = commaAfter(content, node);
    const end = ownComma === null ? node.offset + node.length : ownComma + 1;
    const without = cutOut(content, node.offset, end);
    const comma = before && index === siblings.length - 1 ? commaAfter(content, before) : null;
    return comma === null ? without : without.slice(0, comma) + without.slice(comma + 1);
  });
}

/** Line, from 1, where the value at `path` begins. */
export function lineAt(text: string, path: JSONPath): number {
  const content = text.replace(/^\uFEFF/, '');
  return content.slice(0, nodeAt(content, path).offset).split('\n').length;
}

function onContent(text: string, change: (content: string) => string): string {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  return bom + change(text.slice(bom.length));
}

function nodeAt(content: string, path: JSONPath): Node {
  const tree = parseTree(content, [], { allowTrailingComma: true });
  const node = tree && findNodeAtLocation(tree, path);
  if (!node) throw new RangeError(`There is no "${path.join('.')}".`);
  return node;
}

/** A stretch goes with its lines when nothing else is on them. */
function cutOut(content: string, start: number, end: number): string {
  const lineStart = content.lastIndexOf('\n', start - 1) + 1;
  const next = content.indexOf('\n', end);
  const lineEnd = next < 0 ? content.length : next + 1;
  const isAlone =
    content.slice(lineStart, start).trim() === '' && content.slice(end, lineEnd).trim() === '';
  return isAlone
    ? content.slice(0, lineStart) + content.slice(lineEnd)
    : content.slice(0, start) + content.slice(end);
}

/** Place of the comma that follows a node; null when none does. */
function commaAfter(content: string, { offset, length }: Node): number | null {
  const scanner = createScanner(content, true);
  scanner.setPosition(offset + length);
  scanner.scan();
  const at = scanner.getTokenOffset();
  return content[at] === ',' ? at : null;
}

function indentationAt(content: string, offset: number): string {
  const line = content.slice(content.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function styleOf(content: string): { unit: string; eol: string } {
  return {
    unit: /^([ \t]+)\S/m.exec(content)?.[1] ?? '  ',
    eol: content.includes('\r\n') ? '\r\n' : '\n',
  };
}

function written(value: unknown, unit: string, indent: string, eol: string): string {
  return JSON.stringify(value, null, unit)
    .split('\n')
    .join(eol + indent);
}
