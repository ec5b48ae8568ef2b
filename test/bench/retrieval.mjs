// npm run bench:retrieval -- --data FILE [--scope conversation|all] [--engine pglite|pg] [--json] [--no-build]
// Imports a LoCoMo-format file through the public import_messages and asks each of its questions
// that has evidence through the public query_memory, over HTTP. Nothing but the conversations is
// imported; the questions are only asked.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runNode } from '../../scripts/lib/setup.mjs';
import { conversationLines } from '../data/locomoToJsonl.mjs';
import { startPostgres } from './postgresServer.mjs';
import { mean, scoresOf } from './retrievalScores.mjs';
import { makeHome, percentile, removeHome, startServer } from './support.mjs';

const LINES_A_CALL = 200;
const ASKED = 100;
const CATEGORIES = {
  1: 'several turns',
  2: 'time',
  3: 'inference',
  4: 'one turn',
  5: 'wrong person',
};

/** The messages of each conversation, in a project of its own. */
function linesOf(sample) {
  const seen = new Map();
  return conversationLines(sample).map((line) => {
    const key = `${line.session}\n${line.role}\n${line.content}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return { ...line, project: sample.sample_id, occurrence: seen.get(key) };
  });
}

/** Questions with the turns that answer them; several in one string are several. */
function questionsOf(sample) {
  const known = new Set(conversationLines(sample).map((line) => line.metadata.dia_id));
  return sample.qa.flatMap(({ question, category, evidence }) => {
    const ids = (evidence ?? []).flatMap((text) => text.match(/D:?\d+:\d+/g) ?? []);
    const wanted = new Set(ids.map((id) => id.replace('D:', 'D')).filter((id) => known.has(id)));
    return wanted.size > 0 ? [{ project: sample.sample_id, question, category, wanted }] : [];
  });
}

async function importSamples(server, samples) {
  const lines = samples.flatMap(linesOf);
  const began = performance.now();
  for (let at = 0; at < lines.length; at += LINES_A_CALL) {
    await server.call('import_messages', { lines: lines.slice(at, at + LINES_A_CALL) });
  }
  return { messages: lines.length, seconds: (performance.now() - began) / 1000 };
}

async function askAll(server, questions, scope) {
  const rows = [];
  const times = [];
  for (const { project, question, category, wanted } of questions) {
    const began = performance.now();
    const answer = await server.call('query_memory', {
      query: question,
      project: scope === 'all' ? '*' : project,
      limit: ASKED,
      max_tokens: 50,
    });
    times.push(performance.now() - began);
    const found = answer.ltst.items.map((item) =>
      item.project === project ? item.metadata.dia_id : `${item.project} ${item.metadata.dia_id}`,
    );
    rows.push({ conversation: project, category, ...scoresOf(found, wanted) });
  }
  return { rows, p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

function summary(rows) {
  const groups = [['all questions', rows]];
  for (const [category, name] of Object.entries(CATEGORIES)) {
    groups.push([name, rows.filter((row) => row.category === Number(category))]);
  }
  for (const conversation of new Set(rows.map((row) => row.conversation))) {
    groups.push([conversation, rows.filter((row) => row.conversation === conversation)]);
  }
  return groups
    .filter(([, group]) => group.length > 0)
    .map(([name, group]) => ({ name, questions: group.length, ...mean(group) }));
}

function print(scope, table, times, imported) {
  const columns = ['R@5', 'R@10', 'R@20', 'hit@5', 'MRR', 'nDCG@10'];
  console.log(`\nscope: ${scope}\n`);
  console.log(`| | questions | ${columns.join(' | ')} |`);
  console.log(`| --- |${' ---: |'.repeat(columns.length + 1)}`);
  for (const row of table) {
    const cells = columns.map((column) => row[column].toFixed(3));
    console.log(`| ${row.name} | ${row.questions} | ${cells.join(' | ')} |`);
  }
  console.log(
    `\n${imported.messages} messages in ${imported.seconds.toFixed(1)} s; a question p50 ${times.p50.toFixed(1)} ms, p95 ${times.p95.toFixed(1)} ms`,
  );
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    scope: { type: 'string', default: 'both' },
    engine: { type: 'string', default: 'pglite' },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
if (
  !values.data ||
  !['conversation', 'all', 'both'].includes(values.scope) ||
  !['pglite', 'pg'].includes(values.engine)
) {
  console.error(
    'usage: npm run bench:retrieval -- --data FILE [--scope conversation|all] [--engine pglite|pg] [--json]',
  );
  process.exit(2);
}
if (!values['no-build']) await runNode(['scripts/build.mjs', 'server', 'databaseWorker']);
const samples = JSON.parse(await readFile(values.data, 'utf8'));
const questions = samples.flatMap(questionsOf);
const home = await makeHome();
const postgres = values.engine === 'pg' ? await startPostgres() : null;
const server = await startServer(home, postgres ? { POSTGRES_DSN: postgres.dsn } : {});
try {
  const imported = await importSamples(server, samples);
  const results = {};
  for (const scope of values.scope === 'both' ? ['conversation', 'all'] : [values.scope]) {
    const { rows, ...times } = await askAll(server, questions, scope);
    results[scope] = { table: summary(rows), p50_ms: times.p50, p95_ms: times.p95 };
    if (!values.json) print(scope, results[scope].table, times, imported);
  }
  if (values.json)
    console.log(JSON.stringify({ engine: values.engine, imported, scopes: results }));
} finally {
  await server.stop();
  await postgres?.stop();
  await removeHome(home);
}
