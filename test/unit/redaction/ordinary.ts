import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const KINDS = /\.(?:[cm]?[jt]sx?|json|md|css|html|ya?ml|sh)$/;
/** The rules hold the shapes of what they look for; a text of them is not ordinary. */
const LEFT_OUT = /(?:src\/server\/redaction|test\/unit\/redaction)\//;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => KINDS.test(file) && !LEFT_OUT.test(file.replaceAll('\\', '/')))
    .filter((file) => statSync(file).isFile() && statSync(file).size < 600_000);
}

/**
 * Ordinary code and documents: this project's own, and packages whose versions are pinned, among
 * them minified code, style sheets, lock files and libraries for signing in.
 */
export function ordinaryFiles(): { file: string; text: string }[] {
  const packages = [
    'zod/src',
    'hono/dist',
    'kysely/dist',
    'commander',
    'pg/lib',
    'pino/docs',
    'playwright-core/lib',
  ];
  const folders = [
    ...['src', 'docs', 'scripts'].map((name) => join(root, name)),
    ...packages.map((name) => join(root, 'node_modules', name)),
  ];
  const files = [...folders.flatMap(filesIn), join(root, 'package-lock.json')];
  return files.map((file) => ({ file, text: readFileSync(file, 'utf8') }));
}

/** How many lines there are, and how many `protect` touches, told in context as a whole text. */
export function countTouched(
  files: readonly { text: string }[],
  protect: (text: string) => { text: string },
): { lines: number; touched: number } {
  let lines = 0;
  let touched = 0;
  for (const { text } of files) {
    const before = text.split('\n');
    lines += before.length;
    const after = protect(text).text;
    if (after === text) continue;
    const kept = new Set(after.split('\n'));
    touched += before.filter((line) => !kept.has(line)).length;
  }
  return { lines, touched };
}
