import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { MessageLine } from '../../contracts/conversations.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Cli } from '../cli.ts';
import { markdownOf } from '../output/markdown.ts';
import { print, printJson, terminalJson, write } from '../output/terminal.ts';
import { count, harmless } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

type Options = { session?: string; format: 'jsonl' | 'md'; output?: string };
type Totals = { messages: number; sessions: number };

export function addExport(program: Command): void {
  const command = addVerb(program, {
    usage: 'export',
    summary: 'write stored conversations as JSONL or Markdown',
    details: 'Without --project and --session, everything. JSONL can be imported again.',
    examples: [
      ['turnkeep export -o all.jsonl', 'everything into a file'],
      ['turnkeep export --session 0198… --format md', 'one session to read'],
    ],
  });
  command
    .option('--session <ID>', 'only this session')
    .addOption(
      new Option('--format <FORMAT>', 'form of the output')
        .choices(['jsonl', 'md'])
        .default('jsonl'),
    )
    .option('-o, --output <FILE>', 'write into this file, in one step at the end');
  onRun<Options>(command, async (_args, cli, { session, format, output }) => {
    if (cli.json && format === 'md' && !output) {
      throw new TurnkeepError('usage', '--json with --format md needs a file: add -o FILE.');
    }
    const pages = exportPages(cli, session);
    if (output) {
      const totals = await writeFile(resolve(output), format, pages);
      if (cli.json) return printJson({ file: resolve(output), ...totals });
      return print(
        `Wrote ${count(totals.messages, 'message')} of ${count(totals.sessions, 'session')} to ${resolve(output)}.`,
      );
    }
    const form = cli.json ? 'json' : format;
    // What goes into a file or a pipe is verbatim; a terminal must not obey what is stored.
    const shown = process.stdout.isTTY ? harmless : (text: string) => text;
    await render(form, pages, (text) => write(process.stdout, shown(text)));
  });
}

async function* exportPages(cli: Cli, session: string | undefined): AsyncGenerator<MessageLine[]> {
  let cursor: string | null = null;
  do {
    const page: { lines: MessageLine[]; next_cursor: string | null } = await cli.client.call(
      'export_messages',
      {
        limit: 500,
        ...(cli.project ? { project: cli.project } : {}),
        ...(session ? { session_id: session } : {}),
        ...(cursor ? { cursor } : {}),
      },
    );
    yield page.lines;
    cursor = page.next_cursor;
  } while (cursor);
}

async function writeFile(
  file: string,
  format: 'jsonl' | 'md',
  pages: AsyncGenerator<MessageLine[]>,
): Promise<Totals> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    let totals: Totals;
    try {
      totals = await render(format, pages, async (text) => {
        await handle.write(text);
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return totals;
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

async function render(
  form: 'json' | 'jsonl' | 'md',
  pages: AsyncGenerator<MessageLine[]>,
  out: (text: string) => Promise<void>,
): Promise<Totals> {
  const sessions = new Set<string>();
  let messages = 0;
  let before: MessageLine | null = null;
  if (form === 'json') await out('[');
  for await (const lines of pages) {
    for (const line of lines) {
      const comma: string = form === 'json' && before ? ',' : '';
      if (form === 'md') await out(markdownOf(line, before));
      else if (form === 'json') await out(comma + terminalJson(inOrder(line)));
      else await out(`${JSON.stringify(inOrder(line))}\n`);
      sessions.add(JSON.stringify([line.project, line.session]));
      messages += 1;
      before = line;
    }
  }
  if (form === 'json') await out(']\n');
  return { messages, sessions: sessions.size };
}

/** The keys in the order of the format; absent ones stay absent. */
function inOrder(line: MessageLine): MessageLine {
  const { session, thread, project, role, content, created_at, model, metadata } = line;
  return {
    session,
    ...(thread === undefined ? {} : { thread }),
    ...(project === undefined ? {} : { project }),
    role,
    content,
    ...(created_at === undefined ? {} : { created_at }),
    ...(model === undefined ? {} : { model }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}
