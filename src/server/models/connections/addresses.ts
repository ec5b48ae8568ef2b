import { TurnkeepError } from '../../../contracts/errors.ts';
import type { ConnectionInput } from '../../../contracts/modelConnections.ts';
import type { ConnectionKind } from '../../../contracts/models.ts';

/** Where a kind of provider is when nothing else is said; without one the address has to be given. */
const DEFAULTS: Partial<Record<ConnectionKind, string>> = {
  ollama: 'http://127.0.0.1:11434',
  lmstudio: 'http://127.0.0.1:1234',
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
};

/** What people put behind the root of these, whose own interface and OpenAI's lie below it. */
const BELOW_ROOT: Partial<Record<ConnectionKind, RegExp>> = {
  ollama: /\/(v1|api)$/,
  lmstudio: /\/(v1|api\/v\d)$/,
};

/**
 * The address of a connection without a slash at its end, of Ollama and LM Studio the root; null
 * when it has none (the editor's).
 */
export function addressOf(connection: {
  kind: ConnectionKind;
  base_url?: string | null | undefined;
}): string | null {
  const given = connection.base_url ?? DEFAULTS[connection.kind];
  if (given === undefined) return null;
  const address = given.replace(/\/+$/, '');
  const below = BELOW_ROOT[connection.kind];
  return below ? address.replace(below, '') : address;
}

/** Whether an address is of this computer: nothing leaves it. */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/**
 * Checks where a connection leads.
 * @throws TurnkeepError `invalid_request` for one without an address, with a password or query in
 *   it, or over plain http to another computer when that was not allowed by name.
 */
export function checkAddress(connection: ConnectionInput): void {
  const { kind, base_url, settings } = connection;
  if (kind === 'vscode') {
    if (base_url === undefined) return;
    throw invalid('base_url', "The editor's models have no address.");
  }
  const address = addressOf(connection);
  if (address === null)
    throw invalid('base_url', 'Give the address: this kind has none of its own.');
  const url = new URL(address);
  if (url.username || url.password) {
    throw invalid('base_url', 'The address holds a name or password: use `key_ref` for the key.');
  }
  if (url.search || url.hash) {
    throw invalid('base_url', 'The address ends before "?" and "#".');
  }
  if (url.protocol === 'http:' && !isLoopback(address) && settings?.allow_http !== true) {
    throw invalid(
      'base_url',
      'Plain http to another computer lets others read the key and what is said. Use https, or set `settings.allow_http` if the way is safe.',
    );
  }
}

function invalid(path: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path, message }] });
}
