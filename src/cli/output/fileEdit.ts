import type { FileEdit } from '../../client/jsoncFile.ts';
import type { Style } from './terminal.ts';
import { harmless } from './text.ts';

/** What a planned change adds to a file and takes away, for the person who is asked. */
export function describeEdit(
  { file, before, after }: FileEdit,
  paint: (style: Style, text: string) => string,
): string {
  const head = `${before === null ? 'New file' : 'Change in'} ${paint('bold', file)}`;
  const old = linesOf(before ?? '');
  const fresh = linesOf(after);
  const start = commonStart(old, fresh);
  const end = commonStart(old.slice(start).toReversed(), fresh.slice(start).toReversed());
  const removed = old.slice(start, old.length - end).map((line) => paint('red', `  - ${line}`));
  const added = fresh.slice(start, fresh.length - end).map((line) => paint('green', `  + ${line}`));
  return [head, ...removed, ...added].join('\n');
}

function linesOf(text: string): string[] {
  return text === '' ? [] : harmless(text).replace(/\n$/, '').split('\n');
}

function commonStart(a: string[], b: string[]): number {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  return same;
}
