import type { MemoryItem, MemoryParts } from '../../contracts/memory.ts';
import { excerpt, markTerms } from './excerpt.ts';
import type { Style } from './terminal.ts';
import { harmless, localTime, oneLine } from './text.ts';

type Paint = (style: Style, text: string) => string;

const EXCERPT_LENGTH = 400;
const OTHER_LENGTH = 160;

/**
 * A message that was found: when, who, where, the part that matches, the beginning of what it
 * answers or is answered by (`other`), and what its score is made of.
 */
export function found(
  item: MemoryItem,
  other: MemoryItem | undefined,
  query: string,
  paint: Paint,
): string {
  const model = item.metadata.model;
  const place = [
    harmless(item.project),
    ...(typeof model === 'string' && model !== '' ? [oneLine(model, 40)] : []),
    oneLine(item.provenance, 60),
  ];
  const head = `${paint('cyan', localTime(item.created_at))}  ${paint('bold', item.role)}  ${place.join(' · ')}`;
  const ids = paint('dim', `session ${item.session_id}  turn ${item.turn_id}`);
  const emphasised = (text: string) => paint('bold', paint('yellow', text));
  const lines = excerpt(item.content, query, EXCERPT_LENGTH).split('\n');
  return [
    head,
    `  ${ids}`,
    ...lines.map((line) => `  ${markTerms(line, query, emphasised)}`),
    ...(other ? [`  ${paint('dim', otherLine(other))}`] : []),
    ...(item.parts ? [`  ${paint('dim', scoreLine(item.score, item.parts))}`] : []),
  ].join('\n');
}

function otherLine({ role, content }: MemoryItem): string {
  return `${role === 'user' ? 'to' : 'answer'}: ${oneLine(content, OTHER_LENGTH)}`;
}

/** The score and its parts, in columns of the same width for every message. */
export function scoreLine(score: number, parts: MemoryParts): string {
  const columns = Object.entries(parts).map(([name, value]) => `${name} ${figure(value ?? 0)}`);
  return [`score ${figure(score)} =`, ...columns].join('  ');
}

function figure(value: number): string {
  return value.toFixed(3).padStart(7);
}
