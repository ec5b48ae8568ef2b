import { percentile, timed } from './support.mjs';

/*
 * PostgreSQL's own full text beside Turnkeep's memory, in the same database and run: a table of the
 * same messages with a `tsvector` of its English configuration and a GIN index, asked for any term
 * of the question, ranked by `ts_rank_cd`.
 */
const MAKE = [
  `create table bench_plain as select message_id, content, to_tsvector('english', content) as terms
    from conversation_messages`,
  'create index bench_plain_terms on bench_plain using gin (terms)',
  'analyze bench_plain',
];

/** Makes the table and its index; gives the seconds it took and the size of the index in MiB. */
export async function makePlain(server) {
  const ms = await timed(async () => {
    for (const sql of MAKE) await server.call('run_sql', { sql, write: true });
  });
  return { seconds: ms / 1000, mib: await sizeOf(server, "'bench_plain_terms'") };
}

/** Asks the questions; milliseconds. */
export async function askPlain(server, questions) {
  const times = [];
  for (const question of questions) {
    const terms = question.match(/[a-z]+/g).join(' | ');
    const sql = `select message_id from bench_plain, to_tsquery('english', '${terms}') as asked
      where terms @@ asked order by ts_rank_cd(terms, asked) desc limit 10`;
    times.push(await timed(() => server.call('run_sql', { sql })));
  }
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

export const dropPlain = (server) =>
  server.call('run_sql', { sql: 'drop table bench_plain', write: true });

/** Size in MiB of relations, with their indexes. */
export async function sizeOf(server, ...names) {
  const sum = names.map((name) => `pg_total_relation_size(${name})`).join(' + ');
  const { rows } = await server.call('run_sql', { sql: `select (${sum}) / 1048576` });
  return Number(rows[0][0]);
}
