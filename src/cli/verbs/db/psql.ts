import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { TurnkeepError, toTurnkeepError } from '../../../contracts/errors.ts';
import type { SqlResult } from '../../../contracts/server.ts';
import type { Cli } from '../../cli.ts';
import { decodeUtf8, readStdin } from '../../input.ts';
import { sqlTable } from '../../output/table.ts';
import { notice, print, printJson } from '../../output/terminal.ts';
import { allStatements, hasSql, splitSql } from '../../sql.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = { command?: string; file?: string; write?: boolean };

export function addPsql(db: Command): void {
  const command = addVerb(db, {
    usage: 'psql',
    summary: 'run SQL, read-only unless --write is given',
    details: 'SQL comes from -c, -f or a pipe; else there is a prompt.',
    examples: [
      ['turnkeep db psql -c "SELECT count(*) FROM conversation_messages"', 'one query'],
      ['turnkeep db psql', 'a prompt; \\q leaves it'],
    ],
  });
  command
    .option('-c, --command <SQL>', 'run this')
    .option('-f, --file <FILE>', 'run the statements of a file, "-" for standard input')
    .option('--write', 'let statements change what is stored');
  onRun<Options>(command, async (_args, cli, { command: sql, file, write }) => {
    const text = await givenSql(sql, file);
    if (text === null) return promptForSql(cli, write === true);
    const statements = allStatements(text);
    if (statements.length === 0) throw new TurnkeepError('usage', 'There is no SQL to run.');
    const results: SqlResult[] = [];
    for (const statement of statements) {
      const result = await runSql(cli, statement, write === true);
      if (cli.json) results.push(result);
      else await print(sqlTable(result));
    }
    if (cli.json) await printJson(results.length === 1 ? results[0] : results);
  });
}

function runSql(cli: Cli, sql: string, write: boolean): Promise<SqlResult> {
  return cli.admin.call('run_sql', write ? { sql, write } : { sql });
}

/** SQL from the options or a pipe; null when a person is to be asked. */
async function givenSql(sql: string | undefined, file: string | undefined): Promise<string | null> {
  if (sql !== undefined && file !== undefined) {
    throw new TurnkeepError('usage', 'Give -c or -f, not both.');
  }
  if (sql !== undefined) return sql;
  if (file !== undefined && file !== '-') {
    const bytes = await readFile(file).catch((cause: Error) => {
      throw new TurnkeepError('invalid_request', `${file} cannot be read (${cause.message}).`);
    });
    return decodeUtf8(bytes, file);
  }
  return file === '-' || !process.stdin.isTTY ? readStdin() : null;
}

async function promptForSql(cli: Cli, write: boolean): Promise<void> {
  if (cli.json) throw new TurnkeepError('usage', '--json needs SQL: add -c or -f.');
  await notice(
    `SQL ends with a semicolon, \\q leaves.${write ? '' : ' Read-only: --write changes that.'}`,
  );
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  let pending = '';
  prompt.setPrompt('turnkeep=> ');
  prompt.prompt();
  for await (const line of prompt) {
    if (/^\s*\\q\s*$|^\s*(quit|exit);?\s*$/i.test(line) && !hasSql(pending)) break;
    const { statements, rest } = splitSql(`${pending}${line}\n`);
    pending = rest;
    for (const statement of statements) await answer(cli, statement, write);
    prompt.setPrompt(hasSql(pending) ? 'turnkeep-> ' : 'turnkeep=> ');
    prompt.prompt();
  }
  prompt.close();
}

/** At the prompt a failed statement is no end. */
async function answer(cli: Cli, statement: string, write: boolean): Promise<void> {
  try {
    await print(sqlTable(await runSql(cli, statement, write)));
  } catch (thrown) {
    await notice(`ERROR: ${toTurnkeepError(thrown).message}`);
  }
}
