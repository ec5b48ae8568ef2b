import vm from 'node:vm';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Rule } from './rule.ts';

/** A rule of the person's own, as the settings hold it. */
export type OwnRule = { kind: string; pattern: string };

const LONGEST = 500;
/** A pattern may take this long for 20,000 characters made to provoke it. */
const TRIAL_MS = 250;
const TRIAL_CHARACTERS = 20_000;

const ORDINARY =
  'The build failed because the index was stale, so we rebuilt it and the tests passed. const total = rows.length;';

function refuse(rule: OwnRule, reason: string): never {
  throw new TurnkeepError('invalid_request', `The redaction rule "${rule.kind}" ${reason}`, {
    fields: [{ path: 'redact', message: reason }],
  });
}

/**
 * A rule made of a person's own: what its pattern matches goes, as a whole.
 * @throws TurnkeepError `invalid_request` when the kind is no kebab-case name, or the pattern is no
 * regular expression, repeats what repeats, refers back, takes too long, or finds ordinary text.
 */
export function checkedRule(rule: OwnRule): Rule {
  const { kind, pattern } = rule;
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(kind) || kind.length > 60)
    refuse(rule, 'needs a kind of lower-case letters, digits and hyphens, such as "staff-number".');
  if (pattern.length > LONGEST) refuse(rule, `has a pattern of more than ${LONGEST} characters.`);
  const regex = compiled(rule);
  if (/\\[1-9]|\\k</.test(pattern))
    refuse(rule, 'refers back to a group (\\1); write out what is to be found.');
  if (repeatsRepeated(pattern))
    refuse(rule, 'repeats a part that repeats itself, as (a+)+ does; repeat it once.');
  if (takesLong(pattern))
    refuse(
      rule,
      'takes too long on some texts; give its repetitions a limit, as {1,40}, or begin with fixed characters.',
    );
  if (regex.test('')) refuse(rule, 'matches empty text; it needs at least one character.');
  if (new RegExp(regex).test(ORDINARY))
    refuse(rule, 'matches ordinary text; make it as narrow as the secret is.');
  return { kind, shape: pattern, hints: [], pattern: withSecretGroup(pattern) };
}

function compiled(rule: OwnRule): RegExp {
  try {
    return new RegExp(rule.pattern, 'g');
  } catch (error) {
    return refuse(rule, `is no regular expression: ${(error as Error).message}.`);
  }
}

/** Rules of ours have the secret in their second group; a person's pattern is the first whole. */
function withSecretGroup(pattern: string): RegExp {
  return new RegExp(`()(${pattern})`, 'g');
}

/** Whether a group that is repeated without limit holds a repetition without limit. */
function repeatsRepeated(pattern: string): boolean {
  const open: boolean[] = [];
  let repeats = false;
  let closed: boolean | null = null;
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const group = closed;
    closed = null;
    if (char === '\\') at += 1;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') {
      open.push(repeats);
      repeats = false;
    } else if (char === ')') {
      closed = repeats;
      repeats = (open.pop() ?? false) || repeats;
    } else if (char === '*' || char === '+' || /^\{\d+,\}/.test(pattern.slice(at))) {
      if (group) return true;
      repeats = true;
    }
  }
  return false;
}

/** Texts that make a pattern try as much as it can: its own characters over and over, no end. */
function* provoking(pattern: string): Generator<string> {
  const literal = pattern.replace(/\\[dDwWsSbB]|[\\()[\]{}*+?|^$.]/g, '').slice(0, 40);
  const letters = new Set(['a', '0', ' ', '-', 'aA0', 'a ', 'a-', '0.', ...literal, literal]);
  for (const unit of letters) {
    if (unit === '') continue;
    const body = unit.repeat(Math.ceil(TRIAL_CHARACTERS / unit.length));
    yield `${body}\u0001`;
    if (literal !== '') yield `${literal}${body}\u0001`;
  }
}

function takesLong(pattern: string): boolean {
  const sandbox = vm.createContext({ regex: '', text: '' });
  const script = new vm.Script('for (const _ of text.matchAll(new RegExp(regex, "g"))) {}');
  for (const text of provoking(pattern)) {
    Object.assign(sandbox, { regex: pattern, text });
    try {
      script.runInContext(sandbox, { timeout: TRIAL_MS });
    } catch {
      return true;
    }
  }
  return false;
}
