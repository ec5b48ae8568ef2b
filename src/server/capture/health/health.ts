import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentHealth, CaptureHealth } from '../../../contracts/capture.ts';
import type { Home } from '../../../contracts/home.ts';
import { AGENTS, type Agent, type SourceProblem } from '../../../contracts/observed.ts';
import { openTurns, turnsByRoute } from '../../conversations/service.ts';
import type { Database } from '../../database/database.ts';
import { namesIn } from '../intake/deadLetters.ts';
import { deferredFolder } from '../intake/deferred.ts';
import type { Places } from '../readers/reader.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { type Finding, findings } from './findings.ts';
import { isFound, lastWritten } from './places.ts';

/** A source that could not be read, or not wholly. */
export type SourceTrouble = {
  agent: Agent;
  code: 'source_unreadable' | 'source_not_understood';
  first: SourceProblem;
  count: number;
};

export type HealthParts = {
  database: Database;
  home: Home;
  places: Places;
  settings: SettingsStore;
  depth: () => Promise<{ waiting: number; dead: number }>;
  troubles: () => SourceTrouble[];
};

/** An answer may take this long. */
const ANSWER_MS = 10 * 60_000;
/** Prompts that stayed open for longer are past mending. */
const LATELY_MS = 7 * 24 * 3_600_000;
const WAITING_MS = 60_000;
const MOST_LOOKED_AT = 1000;

/** How automatic capture is doing, by agent, with what is wrong and what mends it. */
export async function captureHealth(parts: HealthParts): Promise<CaptureHealth> {
  const { database, settings, home } = parts;
  const [now, spool, events, routes, open, last] = await Promise.all([
    settings.current(),
    parts.depth(),
    database.read.selectFrom('capture_events').selectAll().orderBy('kind').execute(),
    turnsByRoute(database),
    openTurns(database, new Date(Date.now() - ANSWER_MS).toISOString()),
    lastTurns(database),
  ]);
  const agents: AgentHealth[] = [];
  for (const agent of AGENTS) {
    const reported = events
      .filter((event) => event.agent === agent)
      .map(({ kind, count, last_at }) => ({ kind, count: Number(count), last_at }));
    const turns = routes.filter((route) => route.agent === agent);
    agents.push({
      agent,
      found: await isFound(agent, parts.places),
      watched: now.watch.includes(agent),
      events: reported,
      turns: Object.fromEntries(turns.map(({ provenance, turns: count }) => [provenance, count])),
      last_turn_at: last.get(agent) ?? null,
      findings: [
        ...openFindings(agent, open),
        ...(await eventFindings(agent, reported, parts.places)),
        ...troublesOf(agent, parts.troubles()),
      ],
    });
  }
  const general: Finding[] = [];
  if (now.paused) general.push(findings.paused());
  if (settings.problem) general.push(findings.settings(settings.problem));
  if (spool.dead > 0) general.push(findings.deadLetters(spool.dead));
  const deferred = await deferredLong(home);
  if (deferred > 0 || (await hasWaitedLong(home))) {
    general.push(findings.spoolWaiting(spool.waiting + deferred));
  }
  return { paused: now.paused, spool, agents, findings: general };
}

type Open = Awaited<ReturnType<typeof openTurns>>;

function openFindings(agent: Agent, open: Open): Finding[] {
  return open
    .filter((row) => row.agent === agent && Date.now() - Date.parse(row.last_at) < LATELY_MS)
    .map(({ count, last_at }) => findings.promptsWithoutAnswers(agent, count, last_at));
}

async function eventFindings(
  agent: Agent,
  reported: AgentHealth['events'],
  places: Places,
): Promise<Finding[]> {
  // Hooks that never reported are not installed, which is for the person to say.
  const last = reported
    .map(({ last_at }) => last_at)
    .sort()
    .at(-1);
  if (last === undefined) return [];
  const written = await lastWritten(agent, places);
  const finding = written ? findings.transcriptWithoutEvents(agent, written, last) : null;
  return finding ? [finding] : [];
}

function troublesOf(agent: Agent, troubles: SourceTrouble[]): Finding[] {
  return troubles
    .filter((trouble) => trouble.agent === agent)
    .map(({ first, code, count }) => findings.source(first, code, count));
}

async function lastTurns(database: Database): Promise<Map<string, string>> {
  const rows = await database.read
    .selectFrom('conversation_sessions')
    .select(({ fn }) => ['agent', fn.max('last_activity_at').as('last_at')])
    .where('source', '=', 'agent')
    .groupBy('agent')
    .execute();
  return new Map(rows.map(({ agent, last_at }) => [agent ?? '', last_at]));
}

async function hasWaitedLong(home: Home): Promise<boolean> {
  const [oldest] = await namesIn(home.spool);
  if (oldest === undefined) return false;
  const found = await stat(join(home.spool, oldest)).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > WAITING_MS;
}

/** Answers that wait for longer than the transcript may take: they could not be stored. */
async function deferredLong(home: Home): Promise<number> {
  const folder = deferredFolder(home);
  const before = Date.now() - WAITING_MS;
  let count = 0;
  for (const name of (await namesIn(folder)).slice(0, MOST_LOOKED_AT)) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && found.mtimeMs < before) count += 1;
  }
  return count;
}
