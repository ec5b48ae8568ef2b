import { z } from 'zod';
import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Metrics } from '../../contracts/evaluationTools.ts';
import type { Database } from '../database/database.ts';
import { queryMemory, type SearchEmbeddings } from '../memory/service.ts';
import { percentile, type Scores, scoresOf } from './scores.ts';

const MAX_QUESTIONS = 5_000;
const TOLD_EVERY = 25;

const questionSchema = z.object({
  question: z.string().min(1).max(20_000),
  expected: z.array(z.string().min(1).max(100)).min(1).max(100),
  project: z.string().min(1).max(1024).optional(),
});
export type Question = z.infer<typeof questionSchema>;

/**
 * The questions of a JSONL text: `{"question", "expected": [turn_id or message_id], "project"?}`.
 * @throws TurnkeepError `invalid_request` naming the line that is wrong.
 */
export function readQuestions(text: string): Question[] {
  const questions: Question[] = [];
  const wrong = (line: number, why: string) =>
    new TurnkeepError('invalid_request', `Line ${line} of the questions: ${why}.`, {
      fields: [{ path: 'config_file', message: `Line ${line}: ${why}.` }],
    });
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    if (questions.length >= MAX_QUESTIONS) {
      throw wrong(index + 1, `more than ${MAX_QUESTIONS} questions`);
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw wrong(index + 1, 'no JSON');
    }
    const parsed = questionSchema.safeParse(value);
    const issue = parsed.error?.issues[0];
    if (!parsed.success) {
      throw wrong(index + 1, `${issue?.path.join('.') || 'the line'}: ${issue?.message}`);
    }
    questions.push(parsed.data);
  }
  if (questions.length > 0) return questions;
  throw wrong(1, 'no question');
}

const UUID = z.uuid();
const IDS_AT_ONCE = 500;

async function countNotStored(database: Database, questions: readonly Question[]): Promise<number> {
  const expected = new Set(questions.flatMap((question) => question.expected));
  const ids = [...expected].filter((id) => UUID.safeParse(id).success);
  const stored = new Set<string>();
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const some = ids.slice(at, at + IDS_AT_ONCE);
    const rows = await database.read
      .selectFrom('conversation_messages')
      .select(['message_id', 'turn_id'])
      .where((is) => is.or([is('message_id', 'in', some), is('turn_id', 'in', some)]))
      .execute();
    for (const row of rows) stored.add(row.message_id).add(row.turn_id);
  }
  return [...expected].filter((id) => !stored.has(id.toLowerCase())).length;
}

const NAMES = ['R@5', 'R@10', 'hit@5', 'MRR', 'nDCG@10'] as const satisfies (keyof Scores)[];

/**
 * Asks the memory each question as `query_memory` does, and scores what it finds.
 * @param tell hears how far it is
 * @returns means of the scores, the times of a question in milliseconds, and how many of the expected
 *   ids are those of nothing that is stored: such a question cannot be answered
 */
export async function measureRetrieval(
  database: Database,
  questions: readonly Question[],
  {
    context,
    signal,
    tell,
    embeddings,
  }: {
    context: CallContext;
    signal: AbortSignal;
    tell: (line: string) => void;
    embeddings?: SearchEmbeddings | undefined;
  },
): Promise<Metrics> {
  const scores: Scores[] = [];
  const times: number[] = [];
  for (const { question, expected, project } of questions) {
    signal.throwIfAborted();
    const began = performance.now();
    const { ltst } = await queryMemory(
      database,
      { query: question, limit: 10, systems: ['ltst'], project },
      context,
      { embeddings, signal },
    );
    times.push(performance.now() - began);
    const found = (ltst?.items ?? []).map((item) => [item.message_id, item.turn_id]);
    scores.push(scoresOf(found, expected));
    if (scores.length % TOLD_EVERY === 0) tell(`${scores.length} of ${questions.length} questions`);
  }
  const mean = (name: keyof Scores) =>
    scores.reduce((total, score) => total + score[name], 0) / scores.length;
  const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
  return {
    ...Object.fromEntries(NAMES.map((name) => [name, rounded(mean(name), 4)])),
    p50_ms: rounded(percentile(times, 0.5), 1),
    p95_ms: rounded(percentile(times, 0.95), 1),
    questions: questions.length,
    not_stored: await countNotStored(database, questions),
  };
}
