export type DsnCheck =
  | { kind: 'embedded' }
  | { kind: 'local' }
  | { kind: 'remote'; host: string }
  | { kind: 'wrong'; message: string };

const LOCAL = new Set(['', 'localhost', '127.0.0.1', '::1', '[::1]']);
const SHAPE = 'postgresql://user:password@host:5432/database';

/** What a connection text means; empty is the embedded database. Its password is never repeated. */
export function checkDsn(text: string): DsnCheck {
  const dsn = text.trim();
  if (dsn === '') return { kind: 'embedded' };
  if (dsn === 'mock://test') return { kind: 'local' };
  if (!/^postgres(ql)?:\/\//i.test(dsn)) {
    return { kind: 'wrong', message: `Give a connection such as ${SHAPE}` };
  }
  try {
    const url = new URL(dsn);
    // A socket folder is given as `?host=/path`.
    const host = url.searchParams.get('host') ?? url.hostname;
    if (LOCAL.has(host.toLowerCase()) || host.startsWith('/')) return { kind: 'local' };
    return { kind: 'remote', host };
  } catch {
    return {
      kind: 'wrong',
      message: `This is no valid address. Signs such as @ or / in a password are written as %40 or %2F: ${SHAPE}`,
    };
  }
}
