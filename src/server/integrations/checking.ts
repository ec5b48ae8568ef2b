import { TurnkeepError } from '../../contracts/errors.ts';
import type { IntegrationPolicy } from '../../contracts/integrationPolicy.ts';
import type {
  IntegrationInput,
  IntegrationKind,
  IntegrationSettings,
} from '../../contracts/integrations.ts';
import { protectJson } from '../redaction/service.ts';
import { addressOf } from './guard/addresses.ts';
import { AllowList } from './guard/allowList.ts';
import { checkPolicy } from './policy/checking.ts';
import { templateOf } from './templates/templates.ts';

/** Headers that carry keys: those go by `key_ref`. */
const KEY_HEADERS = /^(authorization|proxy-authorization|cookie|x-api-key|api-key)$/i;
/** Headers that the connection itself sets. */
const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*)$/i;

export type CheckedInput = {
  integration_id: string;
  name: string;
  kind: IntegrationKind;
  base_url: string;
  key_ref: string | null;
  settings: IntegrationSettings;
  policy: IntegrationPolicy;
  enabled: boolean;
};

function invalid(path: string, message: string): TurnkeepError {
  return new TurnkeepError('invalid_request', message, { fields: [{ path, message }] });
}

/** Whether an address is of this computer: nothing leaves it. */
export function isOwnAddress({ hostname }: URL): boolean {
  return hostname === 'localhost' || addressOf(hostname)?.range() === 'loopback';
}

/**
 * What is stored of an integration: what was given over what its template knows.
 * @throws TurnkeepError `invalid_request` for an address that is missing, holds a password, or is
 *   plain http to another computer unless that was allowed by name; for keys in headers, and for
 *   patterns or schemas that are none.
 */
export async function checkedInput(input: IntegrationInput): Promise<CheckedInput> {
  const { integration_id, kind = 'http' } = input;
  const template = templateOf(kind);
  const settings = { ...template.settings, ...input.settings };
  const policy = { ...template.policy, ...input.policy };
  const base_url = (input.base_url ?? template.base_url)?.replace(/\/+$/, '');
  if (!base_url) throw invalid('base_url', 'Give the address: this kind has none of its own.');
  checkAddress(base_url, settings);
  new AllowList(settings.allow_addresses ?? []);
  checkHeaders(settings.headers ?? {}, 'settings.headers');
  refuseKeys(base_url, settings);
  await checkPolicy(policy);
  const { name = integration_id, key_ref = null, enabled = true } = input;
  return { integration_id, name, kind, base_url, key_ref, settings, policy, enabled };
}

function checkAddress(address: string, settings: IntegrationSettings): void {
  const url = new URL(address);
  if (url.username || url.password) {
    throw invalid('base_url', 'The address holds a name or password: use `key_ref` for the key.');
  }
  if (url.search || url.hash) throw invalid('base_url', 'The address ends before "?" and "#".');
  if (url.protocol === 'http:' && !isOwnAddress(url) && settings.allow_http !== true) {
    throw invalid(
      'base_url',
      'Plain http to another computer lets others read the key and what is said. Use https, or set `settings.allow_http` if the way is safe.',
    );
  }
}

/** @throws TurnkeepError `invalid_request` for a header that the connection sets itself, or a key. */
export function checkHeaders(headers: Record<string, string>, path: string): void {
  for (const name of Object.keys(headers)) {
    if (OWN_HEADERS.test(name)) throw invalid(path, `"${name}" is set by the connection itself.`);
    if (KEY_HEADERS.test(name)) {
      throw invalid(path, `"${name}" carries a key. Keys go by \`key_ref\`, which is sent along.`);
    }
  }
}

function refuseKeys(base_url: string, { headers = {} }: IntegrationSettings): void {
  if (Object.keys(protectJson({ headers, base_url }).kinds).length === 0) return;
  throw invalid(
    'settings.headers',
    'This looks like a key. Keys are not stored: name the place by `key_ref`.',
  );
}
