import { asList, asObject, asText, isObject, type Json } from '../shared/json.ts';
import { readJsonLines } from '../shared/jsonLines.ts';
import { named, type Problems } from '../shared/problems.ts';

/** A request that was taken out again, because the person went back and asked something else. */
export type RemovedRequest = { request: Json; before: string | null };
export type ChatState = { session: Json; removed: RemovedRequest[] };

/** Longest list that a mutation may make: an index beyond it is no index of a chat. */
const LONGEST_LIST = 1_000_000;

/**
 * The state of a chat session after all mutations of its log. The log is written anew now and then,
 * beginning with a whole state, which simply replaces the one before. Null when there is no state.
 */
export async function readMutationLog(
  path: string,
  problems: Problems,
  signal?: AbortSignal,
): Promise<ChatState | null> {
  let session: Json | null = null;
  const removed = new Map<string, RemovedRequest>();
  for await (const { number, value } of readJsonLines(path, problems, signal)) {
    if (value.kind === 0) {
      if (isObject(value.v)) session = value.v;
      else problems.note('an initial state that is no object', number);
    } else if (session === null) {
      problems.note('a change before the initial state', number);
    } else {
      for (const one of droppedBy(session, value))
        removed.set(asText(one.request.requestId) ?? '', one);
      const wrong = apply(session, value);
      if (wrong !== null) problems.note(wrong, number);
    }
  }
  if (session === null) return null;
  const present = new Set(asList(session.requests).map((one) => asObject(one).requestId));
  return {
    session,
    removed: [...removed.values()].filter((one) => !present.has(one.request.requestId)),
  };
}

/** Requests that a mutation is about to take out of the session. */
function droppedBy(session: Json, { kind, k, v, i }: Json): RemovedRequest[] {
  const [first, index, ...more] = asList(k);
  if (first !== 'requests' || more.length > 0) return [];
  const requests = asList(session.requests);
  let from = requests.length;
  if (index === undefined && kind === 2 && typeof i === 'number') from = i;
  else if (index === undefined && (kind === 1 || kind === 3)) from = 0;
  else if (typeof index === 'number' && (kind === 1 || kind === 3)) from = index;
  const to = index === undefined ? requests.length : from + 1;
  const kept = new Set((Array.isArray(v) ? v : [v]).map((one) => asObject(one).requestId));
  return requests.slice(from, to).flatMap((one, offset) => {
    const request = asObject(one);
    const before = asText(asObject(requests[from + offset - 1]).requestId);
    return asText(request.requestId) && !kept.has(request.requestId) ? [{ request, before }] : [];
  });
}

/** Carries a mutation out; gives what was wrong with it, or null. */
function apply(session: Json, { kind, k, v, i }: Json): string | null {
  const path = asList(k);
  const last = path.at(-1);
  if (kind !== 1 && kind !== 2 && kind !== 3)
    return `unknown kind of change ${named(String(kind))}`;
  if (!isKey(last)) return 'a change without a path';
  let at: unknown = session;
  for (const key of path.slice(0, -1)) at = isKey(key) ? childOf(at, key) : undefined;
  if (typeof at !== 'object' || at === null) return 'a change of something that is not there';
  if (kind === 1) return put(at, last, v);
  if (kind === 3) return remove(at, last);
  const before = childOf(at, last);
  const kept = Array.isArray(before) ? before : [];
  if (typeof i === 'number' && i >= 0 && i < kept.length) kept.length = Math.floor(i);
  // Not `push(...v)`: a list may be longer than the arguments that a call can have.
  for (const item of asList(v)) kept.push(item);
  return Array.isArray(before) ? null : put(at, last, kept);
}

function isKey(key: unknown): key is string | number {
  if (typeof key === 'number') return Number.isInteger(key) && key >= 0 && key < LONGEST_LIST;
  return typeof key === 'string' && key !== '__proto__';
}

function childOf(parent: unknown, key: string | number): unknown {
  if (Array.isArray(parent)) return typeof key === 'number' ? parent[key] : undefined;
  return isObject(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function put(parent: object, key: string | number, value: unknown): string | null {
  if (Array.isArray(parent)) {
    if (typeof key !== 'number' || key > parent.length) return 'a change beyond the end of a list';
    parent[key] = value;
  } else
    Object.defineProperty(parent, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  return null;
}

function remove(parent: object, key: string | number): string | null {
  if (!Array.isArray(parent)) Reflect.deleteProperty(parent, key);
  else if (typeof key === 'number') parent.splice(key, 1);
  return null;
}
