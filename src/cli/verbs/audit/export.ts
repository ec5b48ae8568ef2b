import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AuditEntry } from '../../../contracts/audit.ts';
import type { Cli } from '../../cli.ts';
import { print, printJson, terminalJson, write } from '../../output/terminal.ts';
import { count } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addAuditExport(audit: Command): void {
  const command = addVerb(audit, {
    usage: 'export',
    summary: 'write the log as JSON lines, in its order',
    details: 'Each line has what its hash is made of, so that others can check it too.',
    examples: [['turnkeep audit export -o audit.jsonl', 'into a file']],
  });
  command.option('-o, --output <FILE>', 'write into this file, in one step at the end');
  onRun<{ output?: string }>(command, async (_args, cli, { output }) => {
    if (output === undefined) {
      if (cli.json) return printJson(await whole(cli));
      for await (const entries of pages(cli)) await write(process.stdout, linesOf(entries));
      return;
    }
    const file = resolve(output);
    const entries = await intoFile(file, cli);
    if (cli.json) return printJson({ file, entries });
    await print(`Wrote ${count(entries, 'entry', 'entries')} to ${file}.`);
  });
}

async function* pages(cli: Cli): AsyncGenerator<AuditEntry[]> {
  let cursor: string | undefined;
  do {
    const page = await cli.client.request('exportAudit', { limit: 500, cursor });
    yield page.entries;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

async function whole(cli: Cli): Promise<{ entries: AuditEntry[] }> {
  const entries: AuditEntry[] = [];
  for await (const page of pages(cli)) entries.push(...page);
  return { entries };
}

const linesOf = (entries: readonly AuditEntry[]) =>
  entries.map((entry) => `${terminalJson(entry)}\n`).join('');

/** Gives the number of entries. A file that could not be written whole is not left behind. */
async function intoFile(file: string, cli: Cli): Promise<number> {
  const temporary = `${file}.${process.pid}.tmp`;
  let written = 0;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      for await (const entries of pages(cli)) {
        await handle.write(linesOf(entries));
        written += entries.length;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    return written;
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}
