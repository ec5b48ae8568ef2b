import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import {
  type IntegrationPolicy,
  integrationPolicySchema,
} from '../../../contracts/integrationPolicy.ts';
import {
  INTEGRATION_KINDS,
  type IntegrationKind,
  type IntegrationSettings,
  MAX_DEADLINE_MS,
} from '../../../contracts/integrations.ts';
import { headersOf, keyPlace } from '../../connectionOptions.ts';
import { wholeNumber } from '../../numbers.ts';
import { print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

type Options = {
  kind?: IntegrationKind;
  url?: string;
  name?: string;
  key?: string;
  auth?: IntegrationSettings['auth'];
  header?: string[];
  timeout?: number;
  retries?: number;
  allowAddress?: string[];
  allowHttp?: boolean;
  health?: string;
  policy?: string;
  disabled?: boolean;
};

const isKind = (text: string): text is IntegrationKind =>
  (INTEGRATION_KINDS as readonly string[]).includes(text);

export function addIntegrationsAdd(integrations: Command): void {
  const command = addVerb(integrations, {
    usage: 'add [ID]',
    summary: 'connect a system, or set it up anew',
    details:
      'ID is a name of your own for it; the name of a kind is enough. Of the key only the place is\nkept: --key env:NAME, a variable of the environment that the server was started in. Nothing is\nsent by this.',
    examples: [
      ['turnkeep integrations add github --key env:GITHUB_TOKEN', 'GitHub'],
      [
        'turnkeep integrations add n8n --url http://127.0.0.1:5678 --allow-address 127.0.0.1 --key env:N8N_API_KEY',
        'n8n on this computer',
      ],
      ['turnkeep integrations add chat --kind slack --key env:CHAT_HOOK', 'messages to a channel'],
      ['turnkeep integrations add api --url https://api.example.com --health /status', 'any API'],
    ],
  });
  command
    .addOption(new Option('--kind <KIND>', 'what it is').choices(INTEGRATION_KINDS))
    .option('--url <ADDRESS>', "where it is (default: the kind's own address)")
    .option('--name <TEXT>', 'what it is called in lists')
    .option('--key <PLACE>', 'where its key is: env:NAME')
    .addOption(
      new Option('--auth <HOW>', 'how the key is sent').choices([
        ...['bearer', 'basic', 'header', 'path', 'none'],
      ]),
    )
    .option('--header <NAME:VALUE...>', 'sent along; no keys')
    .option('--timeout <MS>', 'milliseconds of one attempt', wholeNumber(50, MAX_DEADLINE_MS))
    .option('--retries <N>', 'attempts after the first', wholeNumber(0, 10))
    .option('--allow-address <ADDRESS...>', 'addresses of your network that it may be at')
    .option('--allow-http', 'plain http to another computer')
    .option('--health <PATH>', 'what is asked to see how it is')
    .option('--policy <FILE>', 'what may leave to it, as JSON')
    .option('--disabled', 'set it up, and do not use it');
  onRun<Options>(command, async ([integration_id], cli, options) => {
    if (!integration_id) throw new TurnkeepError('usage', 'ID is missing: what do you call it?');
    const { kind = isKind(integration_id) ? integration_id : undefined } = options;
    const integration = await cli.client.request('putIntegration', {
      integration_id,
      kind,
      name: options.name,
      base_url: options.url,
      key_ref: keyPlace(options.key),
      enabled: !options.disabled,
      settings: settingsOf(options),
      policy: options.policy === undefined ? undefined : await policyIn(options.policy),
    });
    if (cli.json) return printJson(integration);
    const key = integration.has_key
      ? ''
      : ` Its key (${integration.key_ref}) is not there: set it and start the server again, turnkeep stop.`;
    await print(
      `Connected ${harmless(integration_id)} at ${harmless(integration.base_url)}.${key}`,
    );
  });
}

function settingsOf(options: Options): Partial<IntegrationSettings> {
  return {
    auth: options.auth,
    headers: options.header && headersOf(options.header),
    timeout_ms: options.timeout,
    retries: options.retries,
    allow_addresses: options.allowAddress,
    allow_http: options.allowHttp,
    health_path: options.health,
  };
}

/** The policy in a file. @throws TurnkeepError `usage` for a file that holds none. */
export async function policyIn(file: string): Promise<IntegrationPolicy> {
  let given: unknown;
  try {
    given = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const why = (error as Error).message;
    throw new TurnkeepError('usage', `The policy cannot be read: ${why}`);
  }
  const parsed = integrationPolicySchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TurnkeepError('usage', `The policy: ${issue?.path.join('.')}: ${issue?.message}`);
}
