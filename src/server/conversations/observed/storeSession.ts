import type { ProjectRef } from '../../../contracts/context.ts';
import type { WriteTransaction } from '../../database/database.ts';
import { DEFAULT_PROJECT, ensureProject } from '../../projects/service.ts';
import { titleOf } from '../content.ts';
import { loadConversation, readTexts } from './load.ts';
import { type Deleted, merge, textsNeeded } from './merge.ts';
import type { Conversation, Seen, Telling } from './model.ts';
import type { ObservedResult } from './options.ts';
import { withoutPaused } from './paused.ts';
import type { Outcome } from './piece.ts';
import { type AgentSession, hasFoundProject, moveSession, stateAt } from './sessions.ts';
import { buryNames, deletedOf, digUp, NONE } from './tombstones.ts';
import { type NewRows, writeChanges } from './write.ts';

/** One observation, without secrets, and where it belongs. */
export type Observation = {
  agent: string;
  title: string | null;
  project: ProjectRef | null;
  seen: Seen[];
  /** Names of turns that are private as a whole. */
  privateRefs: string[];
  telling: Telling;
};

/** The observations of one conversation, in their order. */
export type Observations = { externalId: string; all: Observation[] };

/** What storing the sessions of one call has in common. */
export type Storing = {
  person: string;
  at: string;
  again: boolean;
  /** Whether any turn was ever deleted. */
  buried: boolean;
  excluded: (project: ProjectRef) => boolean;
  /** Whether capture was paused at a time. */
  paused: (at: string) => boolean;
  /** Ids of projects by key. */
  projects: Map<string, string>;
  rows: NewRows;
};

/** Merges the observations of one conversation into its session and writes what they change. */
export async function storeSession(
  tx: WriteTransaction,
  storing: Storing,
  session: AgentSession,
  { all }: Observations,
): Promise<ObservedResult> {
  const externalId = session.external_id;
  const project = all.find((one) => one.project !== null)?.project ?? null;
  const open = all.filter((one) => !isExcluded(storing, session, one.project ?? project));
  const seen = open.flatMap((one) => one.seen);
  const whole = open.some(({ telling }) => telling.whole);
  const conversation = await loadConversation(tx, session, seen, whole);
  const outcomes: Outcome[] = [];
  let isWhole = true;
  for (const one of open) {
    await buryNames(tx, externalId, one.privateRefs, storing.at);
    const deleted = await deletedFor(tx, storing, externalId, one, conversation);
    isWhole &&= deleted === NONE;
    const known = one.seen.filter((seen) => !deleted.byName(seen));
    await readTexts(tx, textsNeeded(conversation, known, one.telling));
    outcomes.push(...merge(conversation, one.seen, one.telling, deleted));
  }
  const result = resultOf(conversation, outcomes);
  if (session.isNew && conversation.turns.length === 0) return result;
  await settleProject(tx, storing, session, project);
  const place = {
    ...{ projectId: session.project_id ?? '', lastPosition: session.last_position },
    at: storing.at,
  };
  const last = await writeChanges(tx, conversation, place, storing.rows);
  // A title may be the text of a turn that was deleted.
  const title = isWhole ? (open.findLast((one) => one.title !== null)?.title ?? null) : null;
  await writeSession(tx, storing, session, conversation, {
    ...{ last, title, agent: all[0]?.agent ?? null },
  });
  return result;
}

function isExcluded(storing: Storing, session: AgentSession, project: ProjectRef | null): boolean {
  const known = [session.project, project].filter((one) => one !== null);
  return (known.length > 0 ? known : [DEFAULT_PROJECT]).some(storing.excluded);
}

async function deletedFor(
  tx: WriteTransaction,
  storing: Storing,
  externalId: string,
  { seen, privateRefs }: Observation,
  { turns }: Conversation,
): Promise<Deleted> {
  const none = !storing.buried && privateRefs.length === 0;
  if (storing.again) return none ? NONE : digUp(tx, externalId, seen, turns);
  const deleted = none ? NONE : await deletedOf(tx, externalId, seen, turns);
  return withoutPaused(deleted, seen, storing.paused);
}

function resultOf(conversation: Conversation, outcomes: Outcome[]): ObservedResult {
  const changes = new Map<string, Outcome['change']>();
  let known = 0;
  let keptOut = 0;
  for (const { turn, change } of outcomes) {
    if (change === 'kept out') keptOut += 1;
    const before = turn && changes.get(turn.turn_id);
    if (change === 'known' || change === 'kept out') known += 1;
    else if (turn && before !== 'added') changes.set(turn.turn_id, before ?? change);
  }
  const kinds = [...changes.values()];
  const added = kinds.filter((kind) => kind === 'added').length;
  return {
    ...{ added, completed: kinds.length - added, known, keptOut },
    turns: [...changes].map(([turn_id, change]) => ({
      ...{ turn_id, session_id: conversation.session_id },
      change: change === 'added' ? ('added' as const) : ('completed' as const),
    })),
  };
}

/** A session goes to the first project that is known of it. */
async function settleProject(
  tx: WriteTransaction,
  storing: Storing,
  session: AgentSession,
  project: ProjectRef | null,
): Promise<void> {
  if (!session.isNew && !hasFoundProject(session, project)) return;
  const right = project ?? DEFAULT_PROJECT;
  const id = storing.projects.get(right.key) ?? (await ensureProject(tx, right, storing.at));
  storing.projects.set(right.key, id);
  if (session.isNew) session.project_id = id;
  else await moveSession(tx, session, id);
}

async function writeSession(
  tx: WriteTransaction,
  { person, at, rows }: Storing,
  session: AgentSession,
  conversation: Conversation,
  now: { last: number; title: string | null; agent: string | null },
): Promise<void> {
  const { session_id } = session;
  const times = timesOf(conversation);
  const since = times[0] ?? at;
  const stored = session.isNew ? [] : [session.last_activity_at];
  const activity = latest([...stored, ...times.slice(-1)]) ?? at;
  const status = stateAt(activity, at);
  const facts = {
    ...{ status, last_activity_at: activity, last_position: now.last },
    title: now.title ?? session.title ?? firstTitle(conversation),
    closed_at: status === 'closed' ? activity : null,
  };
  const owner = { source: 'agent', agent: now.agent, origin: `agent:${now.agent}` };
  if (session.isNew) {
    const { external_id, project_id } = session;
    const place = { session_id, project_id: project_id ?? '', person, external_id };
    rows.sessions.push({ ...place, ...owner, ...facts, created_at: since });
    return;
  }
  const adopted = session.source !== 'agent';
  const changed =
    facts.title !== session.title ||
    facts.last_position !== session.last_position ||
    Date.parse(activity) !== Date.parse(session.last_activity_at);
  if (!changed && !adopted) return;
  await tx.update('conversation_sessions', { session_id }, { ...facts, ...(adopted ? owner : {}) });
}

/** The first and the last time of what is new or changed; those that are known count first. */
function timesOf({ turns }: Conversation): string[] {
  const parts = turns
    .flatMap((turn) => [turn.prompt, turn.answer])
    .filter((part) => part !== null && (part.position === null || part.changed));
  const dated = parts.filter((part) => part?.dated);
  const times = (dated.length > 0 ? dated : parts).map((part) => part?.at ?? '');
  times.sort((a, b) => Date.parse(a) - Date.parse(b));
  return times.length > 1 ? [times[0] ?? '', times.at(-1) ?? ''] : times;
}

function latest(times: string[]): string | undefined {
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

function firstTitle({ turns, partial }: Conversation): string | null {
  const first = partial ? null : (turns[0]?.prompt ?? turns[0]?.answer);
  return first?.wording ? titleOf(first.wording.text) : null;
}
