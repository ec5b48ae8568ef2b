import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import type { ExternalAnswer, ExternalCall } from '../../../contracts/integrationCalls.ts';
import {
  DATA_CLASSES,
  type DataClass,
  HTTP_METHODS,
  type HttpMethod,
} from '../../../contracts/integrationPolicy.ts';
import { MAX_DEADLINE_MS } from '../../../contracts/integrations.ts';
import { headersOf } from '../../connectionOptions.ts';
import { readStdin } from '../../input.ts';
import { wholeNumber } from '../../numbers.ts';
import { notice, print, printJson, write } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  method?: HttpMethod;
  body?: string;
  contentType?: string;
  query?: string[];
  header?: string[];
  idempotencyKey?: string;
  carries?: DataClass[];
  timeout?: number;
  dryRun?: boolean;
};

export function addIntegrationsCall(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'call [ID] [PATH]',
    summary: 'call a connected system',
    details:
      'Prints what it answers. Exit code 1 when it answers with an error, 4 when its policy refuses\nthe call. --body - reads standard input; what is no JSON is sent as text.',
    examples: [
      ['turnkeep integrations call github /repos/OWNER/NAME/issues --query state=open', 'read'],
      [
        `turnkeep integrations call chat --body '{"text":"The run is done."}'`,
        'send a message to a channel',
      ],
    ],
  });
  command
    .addOption(
      new Option('--method <METHOD>', 'GET, or POST with a body').choices([...HTTP_METHODS]),
    )
    .option('--body <TEXT>', 'JSON or text; - reads standard input')
    .option('--content-type <TYPE>', 'of the body')
    .option('--query <NAME=VALUE...>', 'of the address')
    .option('--header <NAME:VALUE...>', 'sent along')
    .option('--idempotency-key <KEY>', 'the system knows the same write again by it: it is retried')
    .addOption(
      new Option('--carries <CLASS...>', 'what the call carries').choices([...DATA_CLASSES]),
    )
    .option('--timeout <MS>', 'milliseconds for all attempts', wholeNumber(50, MAX_DEADLINE_MS))
    .option('--dry-run', 'say what the policy would say, and send nothing');
  onRun<Options>(command, async ([integration, path], cli, options) => {
    if (!integration) throw new TurnkeepError('usage', 'ID is missing: which system?');
    const call = await callOf(integration, path, options);
    if (options.dryRun) {
      const decision = await cli.client.request('tryIntegrationPolicy', call);
      if (!decision.allowed) process.exitCode = 4;
      if (cli.json) return printJson(decision);
      const lines = decision.objections.map((one) => harmless(one.message));
      return print(decision.allowed ? 'It would be allowed.' : lines.join('\n'));
    }
    const answer = await cli.client.request('callExternal', call);
    if (!answer.ok) process.exitCode = 1;
    if (cli.json) return printJson(answer);
    await notice(summaryOf(answer));
    await printBody(answer);
  });
}

async function callOf(
  integration: string,
  path: string | undefined,
  options: Options,
): Promise<ExternalCall> {
  const { body, query, header } = options;
  const text = body === '-' ? await readStdin() : body;
  const given = {
    integration,
    path,
    method: options.method,
    content_type: options.contentType,
    body: text === undefined ? undefined : bodyOf(text, options.contentType),
    query: query && pairsOf(query),
    headers: header && headersOf(header),
    idempotency_key: options.idempotencyKey,
    carries: options.carries,
    timeout_ms: options.timeout,
  };
  return given as ExternalCall;
}

/** JSON, unless the person says that it is something else, or it is none. */
function bodyOf(text: string, contentType: string | undefined): unknown {
  if (contentType !== undefined) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pairsOf(lines: string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw new TurnkeepError('usage', `--query "${line}": NAME=VALUE is expected.`);
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function summaryOf({ status, attempts, duration_ms }: ExternalAnswer): string {
  const tries = attempts > 1 ? ` after ${attempts} attempts` : '';
  return `HTTP ${status}${tries}, ${Math.round(duration_ms)} ms`;
}

async function printBody({ body, body_kind }: ExternalAnswer): Promise<void> {
  if (body_kind === 'none') return;
  if (body_kind === 'base64' && !process.stdout.isTTY) {
    process.stdout.write(Buffer.from(String(body), 'base64'));
    return;
  }
  const text = body_kind === 'json' ? JSON.stringify(body, null, 2) : String(body);
  // A terminal must not obey what comes from outside; a file or pipe gets it as it is.
  if (process.stdout.isTTY) return print(harmless(text));
  await write(process.stdout, text.endsWith('\n') ? text : `${text}\n`);
}
