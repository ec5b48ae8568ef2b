import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { CONNECTION_KINDS, type ConnectionKind } from '../../../contracts/models.ts';
import { headersOf, keyPlace } from '../../connectionOptions.ts';
import { wholeNumber } from '../../numbers.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';
import { foundLine } from './discover.ts';

type Options = {
  kind?: ConnectionKind;
  url?: string;
  key?: string;
  header?: string[];
  timeout?: number;
  retries?: number;
  allowHttp?: boolean;
  disabled?: boolean;
  remove?: boolean;
};

const isKind = (text: string): text is ConnectionKind =>
  (CONNECTION_KINDS as readonly string[]).includes(text);

export function addModelsConnect(models: Command): void {
  const command = addVerb(models, {
    usage: 'connect [ID]',
    summary: 'set a provider up, and ask it for its models',
    details:
      'ID is a name of your own for it; the name of a kind is enough. Of the key only the place is\nkept: --key env:NAME, a variable of the environment that the server was started in.',
    examples: [
      ['turnkeep models connect ollama', 'Ollama on this computer'],
      ['turnkeep models connect anthropic --key env:ANTHROPIC_API_KEY', 'Anthropic'],
      [
        'turnkeep models connect groq --kind openai-compatible --url https://api.groq.com/openai/v1 --key env:GROQ_API_KEY',
        "any address that speaks OpenAI's protocol",
      ],
      ['turnkeep models connect groq --remove', 'forget it; its models stay known'],
    ],
  });
  command
    .addOption(new Option('--kind <KIND>', 'what it is').choices(CONNECTION_KINDS))
    .option('--url <ADDRESS>', "where it is (default: the kind's own address)")
    .option('--key <PLACE>', 'where its key is: env:NAME')
    .option('--header <NAME:VALUE...>', 'sent along; no keys')
    .option('--timeout <MS>', 'milliseconds of one attempt', wholeNumber(100, 3_600_000))
    .option('--retries <N>', 'attempts after the first', wholeNumber(0, 10))
    .option('--allow-http', 'plain http to another computer')
    .option('--disabled', 'set it up, and do not use it')
    .option('--remove', 'forget it');
  onRun<Options>(command, async ([connection_id], cli, options) => {
    if (!connection_id) throw new TurnkeepError('usage', 'ID is missing: what do you call it?');
    if (options.remove) {
      const done = await cli.client.request('deleteModelConnection', { connection_id });
      if (cli.json) return printJson(done);
      return print(done.deleted ? `Forgot ${connection_id}.` : 'There was no such connection.');
    }
    const kind = options.kind ?? (isKind(connection_id) ? connection_id : undefined);
    if (!kind)
      throw new TurnkeepError('usage', `--kind is missing: ${CONNECTION_KINDS.join(', ')}.`);
    const connection = await cli.client.request('putModelConnection', {
      connection_id,
      kind,
      base_url: options.url,
      key_ref: keyPlace(options.key),
      enabled: !options.disabled,
      settings: {
        timeout_ms: options.timeout,
        retries: options.retries,
        headers: options.header && headersOf(options.header),
        allow_http: options.allowHttp,
      },
    });
    const canAsk = connection.enabled && kind !== 'vscode';
    const asked = canAsk ? await cli.client.request('discoverModels', { connection_id }) : null;
    const discovery = asked?.connections[0] ?? null;
    if (cli.json) return printJson({ connection, discovery });
    await print(`Connected ${harmless(connection_id)}.`);
    if (discovery) await print(foundLine(discovery));
  });
}
