/** Spellings of a slash, backslash or NUL that the other side might read as one. */
const HIDDEN = /%(2f|5c|00)/i;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function patternOf(path: string): RegExp {
  const parts = path
    .split(/(\*+)/)
    .map((part) => (/^\*\*/.test(part) ? '.*' : part === '*' ? '[^/]*' : escaped(part)));
  return new RegExp(`^${parts.join('')}$`);
}

/** Whether a path fits one of those allowed: `*` is within one part, `**` goes over several. */
export function isPathAllowed(path: string, allowed: readonly string[]): boolean {
  const plain = path === '' ? '/' : path;
  return !HIDDEN.test(plain) && allowed.some((one) => patternOf(one).test(plain));
}

/** Whether a host fits one of those allowed; `*.` stands for any name in front. */
export function isHostAllowed(host: string, allowed: readonly string[]): boolean {
  const plain = host.replace(/\.$/, '');
  return allowed.some((one) =>
    one.startsWith('*.') ? plain.endsWith(one.slice(1)) : plain === one,
  );
}
