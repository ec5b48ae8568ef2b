import type { Command } from 'commander';
import { parseMetadata, readTexts } from '../input.ts';
import { keep } from '../keep.ts';
import { addVerb, onRun } from '../verb.ts';

export function addCaptureQuery(program: Command): void {
  const command = addVerb(program, {
    usage: 'capture-query [QUERY] [JSON]',
    summary: 'keep a question; the next answer belongs to it',
    details: 'QUERY may be "-" or a pipe. JSON is any object up to 64 KiB.',
    examples: [
      ['turnkeep capture-query "How does the cache expire?"', 'a question'],
      ['turnkeep capture-query - < question.md', 'a question from a file'],
    ],
  });
  onRun(command, async ([text, json], cli) => {
    const metadata = parseMetadata(json);
    const [query = ''] = await readTexts([text], ['QUERY']);
    const input = { query, ...(metadata ? { metadata } : {}) };
    await keep(cli, 'capture_user_query', input, (output) => output);
  });
}
