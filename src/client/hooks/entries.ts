import { isDeepStrictEqual } from 'node:util';
import { TurnkeepError } from '../../contracts/errors.ts';
import { parseJsonc } from '../jsoncFile.ts';
import { isOwnCommand } from './commands.ts';
import { appendMember, lineAt, removeMember, replaceMember } from './jsonText.ts';
import type { HookTarget } from './targets.ts';

type Member = Record<string, unknown>;
/** Lists of one file by event, each member a hook or a group of hooks. */
type Events = Map<string, Member[]>;
type Form = Pick<HookTarget, 'shape' | 'versioned' | 'events'>;

/**
 * Text of the file with our entry at each of the target's events. Older entries of ours are
 * replaced where they stand, other people's entries and comments stay. Throws `conflict` with the
 * line for a malformed file.
 */
export function withOwnEntries(
  file: string,
  before: string | null,
  form: Form,
  entry: Member,
): string {
  const present = eventsOf(file, before ?? '', form);
  const member = form.shape === 'groups' ? { hooks: [entry] } : entry;
  let text = before === null || before.trim().replace('\uFEFF', '') === '' ? '{}\n' : before;
  const value = parseJsonc(file, text);
  if (form.versioned && value.version === undefined) text = appendMember(text, [], 1, 'version');
  if (value.hooks === undefined) text = appendMember(text, [], {}, 'hooks');
  for (const [event, list] of present) {
    const isWanted = form.events.includes(event);
    const first = isWanted ? list.findIndex((one) => isOwnAlone(one, form)) : -1;
    text = withoutOwn(text, event, list, form, first);
    if (isWanted && first < 0) text = appendMember(text, ['hooks', event], member);
    else if (isWanted && !isDeepStrictEqual(list[first], member)) {
      text = replaceMember(text, ['hooks', event, first], member);
    } else if (list.some((one) => !isWanted && holdsOwn(one, form))) {
      text = withoutEmpty(file, text, event);
    }
  }
  for (const event of form.events.filter((one) => !present.has(one))) {
    text = appendMember(text, ['hooks'], [member], event);
  }
  return text;
}

/**
 * Text of the file without our entries, nor the keys that held nothing else, and whether anything is
 * left in it. Throws `conflict` with the line for a malformed file.
 */
export function withoutOwnEntries(
  file: string,
  before: string,
  form: Form,
): { text: string; isEmpty: boolean } {
  let text = before;
  for (const [event, list] of eventsOf(file, before, form)) {
    if (!list.some((one) => holdsOwn(one, form))) continue;
    text = withoutEmpty(file, withoutOwn(text, event, list, form, -1), event);
  }
  if (text === before) return { text, isEmpty: false };
  if (Object.keys(objectOf(parseJsonc(file, text).hooks)).length === 0) {
    text = removeMember(text, ['hooks']);
  }
  const rest = Object.keys(parseJsonc(file, text)).filter((key) => {
    return !(form.versioned && key === 'version');
  });
  const hasComments = /\/[/*]/.test(text);
  return { text, isEmpty: rest.length === 0 && !hasComments };
}

/** Our entries of a file by event, as they stand. Throws `conflict` for a malformed file. */
export function ownEntries(file: string, text: string, form: Form): Map<string, Member[]> {
  const own = new Map<string, Member[]>();
  for (const [event, list] of eventsOf(file, text, form)) {
    const entries = list.flatMap((one) => hooksOf(one, form).filter(isOwn));
    if (entries.length > 0) own.set(event, entries);
  }
  return own;
}

/** Takes our entries out of one event, but leaves the member at `keep` alone. */
function withoutOwn(text: string, event: string, list: Member[], form: Form, keep: number): string {
  let rest = text;
  // From the end, so that the places before stay what they are.
  for (const [index, one] of [...list.entries()].reverse()) {
    if (index === keep || !holdsOwn(one, form)) continue;
    if (isOwnAlone(one, form)) {
      rest = removeMember(rest, ['hooks', event, index]);
      continue;
    }
    for (const [at, hook] of [...hooksOf(one, form).entries()].reverse()) {
      if (isOwn(hook)) rest = removeMember(rest, ['hooks', event, index, 'hooks', at]);
    }
  }
  return rest;
}

/** An event that holds nothing any more goes. */
function withoutEmpty(file: string, text: string, event: string): string {
  const list = objectOf(parseJsonc(file, text).hooks)[event];
  const isEmpty = Array.isArray(list) && list.length === 0;
  return isEmpty ? removeMember(text, ['hooks', event]) : text;
}

function eventsOf(file: string, text: string, form: Form): Events {
  const { hooks } = parseJsonc(file, text);
  if (hooks === undefined) return new Map();
  if (typeof hooks !== 'object' || hooks === null || Array.isArray(hooks)) {
    throw misshapen(file, text, ['hooks'], 'an object');
  }
  const events: Events = new Map();
  for (const [event, list] of Object.entries(hooks)) {
    if (Array.isArray(list)) events.set(event, list.map(objectOf));
    // Other members are settings, which some agents keep beside the events.
    else if (form.events.includes(event)) {
      throw misshapen(file, text, ['hooks', event], 'a list');
    }
  }
  return events;
}

function misshapen(file: string, text: string, path: string[], expected: string): TurnkeepError {
  return new TurnkeepError(
    'conflict',
    `${file}, line ${lineAt(text, path)}: "${path.join('.')}" is not ${expected}. Mend the file, then try again; it was left as it is.`,
  );
}

function hooksOf(member: Member, { shape }: Form): Member[] {
  if (shape === 'list') return [member];
  return Array.isArray(member.hooks) ? member.hooks.map(objectOf) : [];
}

function isOwn(hook: Member): boolean {
  return ['command', 'bash', 'powershell', 'windows', 'osx', 'linux'].some((key) =>
    isOwnCommand(hook[key]),
  );
}

function holdsOwn(member: Member, form: Form): boolean {
  return hooksOf(member, form).some(isOwn);
}

function isOwnAlone(member: Member, form: Form): boolean {
  return holdsOwn(member, form) && hooksOf(member, form).every(isOwn);
}

function objectOf(value: unknown): Member {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
