import { sql } from 'kysely';
import { type Insight, insightKindSchema, type MemoryRole } from '../../../contracts/memory.ts';
import type { Database } from '../../database/database.ts';
import { filterConditions, type Scope } from '../index/reader.ts';
import { type Decision, readDecision, replaces } from '../insights/decisions.ts';
import { sentencesOf } from '../insights/prose.ts';
import { rounded } from '../items.ts';
import { tokenise } from '../tokens/tokenise.ts';
import { unanswered } from './cursor.ts';
import { kindWeights } from './roles.ts';

type Kind = Insight['kind'];
type Stored = { kind: Kind; text: string; message_id: string; said_at: string };

/** The latest insights of each kind that are looked at. */
const OF_A_KIND = 400;
const UNANSWERED = 20;
const HALF_LIFE_MS = 30 * 86_400_000;
/** A decision that another has replaced is still told, after what holds. */
const REPLACED = 0.4;

/** What the stored turns say on a high level, what suits the question, the role and the day first. */
export async function projectInsights(
  database: Database,
  scope: Scope,
  asked: { query: string; role: MemoryRole; now: number },
  limit: number,
): Promise<Insight[]> {
  const stored = await storedInsights(database, scope);
  stored.push(...(await unansweredQuestions(database, scope)));
  const insights = markReplaced(merged(stored));
  const wanted = new Set(tokenise(asked.query));
  const weights = kindWeights[asked.role];
  for (const insight of insights) {
    const held = [...new Set(tokenise(insight.text))].filter((term) => wanted.has(term)).length;
    const matches = wanted.size > 0 ? held / wanted.size : 0;
    const age = Math.max(0, asked.now - Date.parse(insight.created_at));
    const recent = 0.3 * 2 ** (-age / HALF_LIFE_MS);
    const stands = insight.replaced_by === undefined ? 1 : REPLACED;
    insight.score = rounded(weights[insight.kind] * stands * (matches + recent));
  }
  // Of two that are as good the later one comes first.
  return insights
    .reverse()
    .sort((a, b) => b.score - a.score)
    .slice(0, limit);
}

async function storedInsights(database: Database, scope: Scope): Promise<Stored[]> {
  const conditions = [
    sql`i.kind = k.kind`,
    ...(scope.projectId ? [sql`i.project_id = ${scope.projectId}`] : []),
    ...filterConditions(scope.filter),
  ];
  const found = await sql<Stored>`
    select latest.* from unnest(${insightKindSchema.options}::text[]) as k(kind)
    cross join lateral (
      select i.kind, i.text, i.message_id, i.said_at from memory_insights i
      join conversation_messages m on m.message_id = i.message_id
      join conversation_sessions s on s.session_id = m.session_id
      where ${sql.join(conditions, sql` and `)}
      order by i.said_at desc, m.position desc, i.insight_id desc limit ${OF_A_KIND}) as latest`.execute(
    database.read,
  );
  return found.rows.reverse();
}

/** What people have asked and nobody has answered, as far as it is a question. */
async function unansweredQuestions(database: Database, scope: Scope): Promise<Stored[]> {
  const items = await unanswered(database, scope, UNANSWERED);
  return items.flatMap(({ content, message_id, created_at }) => {
    const text = sentencesOf(content).findLast((sentence) => /[?？]$/u.test(sentence));
    return text ? [{ kind: 'open_question' as const, text, message_id, said_at: created_at }] : [];
  });
}

/** The same thing said several times is one insight with all its evidence, of the last time. */
function merged(stored: Stored[]): Insight[] {
  const known = new Map<string, Insight>();
  for (const { kind, text, message_id, said_at } of stored) {
    const key = `${kind} ${text
      .toLowerCase()
      .replace(/[\s.!,;:]+/g, ' ')
      .trim()}`;
    const same = known.get(key);
    known.delete(key);
    known.set(key, {
      kind,
      text,
      evidence: [...new Set([...(same?.evidence ?? []), message_id])],
      created_at:
        same && Date.parse(same.created_at) > Date.parse(said_at) ? same.created_at : said_at,
      score: 0,
    });
  }
  return [...known.values()].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
}

/** Gives decisions that a later one replaces the text of the last that does; oldest come first. */
function markReplaced(insights: Insight[]): Insight[] {
  const later: { decision: Decision; text: string }[] = [];
  for (const insight of insights.toReversed()) {
    if (insight.kind !== 'decision') continue;
    const decision = readDecision(insight.text);
    const by = later.find((other) => replaces(other.decision, decision));
    if (by) insight.replaced_by = by.text;
    later.push({ decision, text: insight.text });
  }
  return insights;
}
