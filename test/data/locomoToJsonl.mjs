// Turns a conversation of a LoCoMo-format file into Turnkeep's JSONL (one message a line).
// usage: node test/data/locomoToJsonl.mjs FILE [--conversation N] [--out FILE.jsonl]
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/**
 * The time of a session, `1:56 pm on 8 May, 2023`, as ISO 8601 in UTC.
 * @param {string} text
 * @returns {string}
 */
export function sessionTime(text) {
  const parts = /^(\d+):(\d+) ([ap])m on (\d+) (\w+), (\d+)$/i.exec(text.trim());
  const month = parts ? MONTHS.indexOf(parts[5].toLowerCase()) : -1;
  if (!parts || month < 0) throw new Error(`not a session time: "${text}"`);
  const hour = (Number(parts[1]) % 12) + (parts[3].toLowerCase() === 'p' ? 12 : 0);
  return new Date(
    Date.UTC(Number(parts[6]), month, Number(parts[4]), hour, Number(parts[2])),
  ).toISOString();
}

/** `speaker: text`, with the caption of a shared image. */
export function turnText(turn) {
  const image = turn.blip_caption ? ` [shared image: ${turn.blip_caption}]` : '';
  return `${turn.speaker}: ${turn.text}${image}`;
}

/**
 * The lines of one conversation: the first speaker is the user, the second the assistant.
 * @param {{sample_id: string, conversation: Record<string, unknown>}} sample
 * @returns {object[]}
 */
export function conversationLines(sample) {
  const { conversation } = sample;
  const lines = [];
  for (let number = 1; Array.isArray(conversation[`session_${number}`]); number += 1) {
    const created_at = sessionTime(conversation[`session_${number}_date_time`]);
    for (const turn of conversation[`session_${number}`]) {
      lines.push({
        session: `${sample.sample_id}/session_${number}`,
        project: 'locomo',
        role: turn.speaker === conversation.speaker_a ? 'user' : 'assistant',
        content: turnText(turn),
        created_at,
        metadata: { dia_id: turn.dia_id },
      });
    }
  }
  return lines;
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { conversation: { type: 'string', default: '1' }, out: { type: 'string' } },
  });
  const [file] = positionals;
  if (!file) {
    console.error(
      'usage: node test/data/locomoToJsonl.mjs FILE [--conversation N] [--out FILE.jsonl]',
    );
    process.exitCode = 2;
    return;
  }
  const samples = JSON.parse(await readFile(file, 'utf8'));
  const sample = samples[Number(values.conversation) - 1];
  if (!sample) throw new Error(`${file} has ${samples.length} conversations`);
  const text = conversationLines(sample)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
  if (values.out) await writeFile(values.out, text);
  else process.stdout.write(text);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
