import { fstatSync, readFileSync } from 'node:fs';

/** More than any turn holds; what goes beyond is left unread. */
const LIMIT_BYTES = 64 * 1024 * 1024;
/** An agent that keeps the pipe open must not hold up the person's prompt. */
const LIMIT_MS = 2000;
/** How long a whole JSON value waits for the end of the pipe. */
const QUIET_MS = 150;

/**
 * Reads standard input and gives the bytes once: at its end, when a whole JSON value is there and
 * nothing follows, after two seconds, or at 64 MB. A terminal or a closed input gives none.
 */
export function readInput(done: (bytes: Buffer) => void): void {
  const kind = fstatSync(0);
  if (kind.isFile()) {
    done(readFileSync(0).subarray(0, LIMIT_BYTES));
  } else if (kind.isCharacterDevice()) {
    // A terminal or the null device: nobody sends anything.
    done(Buffer.alloc(0));
  } else {
    readPipe(done);
  }
}

function readPipe(done: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  let quiet: NodeJS.Timeout | undefined;
  const finish = () => {
    if (ended) return;
    ended = true;
    done(Buffer.concat(chunks));
  };
  setTimeout(finish, LIMIT_MS);
  process.stdin.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    clearTimeout(quiet);
    if (size >= LIMIT_BYTES) {
      finish();
      return;
    }
    quiet = setTimeout(() => {
      if (isWhole(Buffer.concat(chunks))) finish();
    }, QUIET_MS);
  });
  process.stdin.on('end', finish).on('close', finish).on('error', finish);
}

function isWhole(bytes: Buffer): boolean {
  try {
    JSON.parse(decodeInput(bytes));
    return true;
  } catch {
    return false;
  }
}

/**
 * Text of what was read, without byte order marks. Windows shells put up to two of them before
 * UTF-8, some wrongly encoded once more, and older ones send UTF-16.
 */
export function decodeInput(bytes: Buffer): string {
  return textOf(bytes).replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)+/, '');
}

function textOf(bytes: Buffer): string {
  const [first, second] = bytes;
  const isLittleEndian = (first === 0xff && second === 0xfe) || (first === 0x7b && second === 0);
  if (isLittleEndian) return bytes.toString('utf16le');
  if (first === 0xfe && second === 0xff) {
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  }
  return bytes.toString('utf8');
}
