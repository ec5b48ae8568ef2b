import { isPlaceholder } from './placeholders.ts';

/** Names of keys whose value is a secret, without capitals and separators. */
const SECRET_KEY =
  /^(?:x)?(?:.{0,40}(?:password|passwd|passphrase|apikey|accesstoken|refreshtoken|authtoken|idtoken|sessiontoken|bearertoken|clientsecret|secretkey|privatekey|accesskey|secretaccesskey)|pwd|pass|token|secret|authorization|proxyauthorization|cookie|setcookie|credential|credentials)$/;

function kindOfKey(key: string): string | null {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (!SECRET_KEY.test(plain)) return null;
  if (/pass|pwd/.test(plain)) return 'password';
  if (plain.endsWith('authorization')) return 'authorization';
  if (plain.endsWith('cookie')) return 'cookie';
  if (plain.endsWith('key')) return 'api-key';
  return plain.endsWith('token') ? 'token' : 'secret';
}

/** What may stand under the name of a secret: where it is instead, or that it was taken out. */
const isOpen = (value: string) =>
  value.includes('[private]') || value.includes('[redacted:') || isPlaceholder(value.trim());

/**
 * A copy of a JSON value: `text` is asked for every string and key, and strings under the name of a
 * secret are replaced as a whole, which `whole` is told with the kind.
 */
export function protectedJson(
  value: unknown,
  text: (given: string) => string,
  whole: (kind: string) => void,
): unknown {
  const copy = (part: unknown, kind: string | null): unknown => {
    if (typeof part === 'string') {
      if (kind === null || part.trim() === '' || isOpen(part)) return text(part);
      whole(kind);
      return `[redacted:${kind}]`;
    }
    if (Array.isArray(part)) return part.map((item) => copy(item, kind));
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).map(([key, item]) => [
      text(key),
      copy(item, kindOfKey(key)),
    ]);
    return Object.fromEntries(entries);
  };
  return copy(value, null);
}
