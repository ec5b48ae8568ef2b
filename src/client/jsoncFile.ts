import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  applyEdits,
  type FormattingOptions,
  type JSONPath,
  modify,
  type ParseError,
  parse,
  printParseErrorCode,
} from 'jsonc-parser/lib/esm/main.js';
import { TurnkeepError } from '../contracts/errors.ts';
import { writeFileAtomic } from './atomicFile.ts';

/** A change of one file: `before` is null when it does not exist yet. Equal texts: nothing to do. */
export type FileEdit = { file: string; before: string | null; after: string };

/** Text of a file; null when there is none. Other failures throw `conflict` with the reason. */
export async function readOptional(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError('conflict', `${file} cannot be read (${reason}).`, { cause });
  }
}

/**
 * The value of a JSON file that may hold comments and trailing commas; an empty file is `{}`. Throws
 * `conflict` with the line when it is malformed or no object, so that nobody's file is guessed at.
 */
export function parseJsonc(file: string, text: string): Record<string, unknown> {
  const content = text.replace(/^\uFEFF/, '');
  if (content.trim() === '') return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(content, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) {
    const line = content.slice(0, first.offset).split('\n').length;
    throw new TurnkeepError(
      'conflict',
      `${file}, line ${line}: not valid JSON (${printParseErrorCode(first.error)}). Mend the file, then try again; it was left as it is.`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TurnkeepError(
      'conflict',
      `${file} does not hold a JSON object. Mend the file, then try again; it was left as it is.`,
    );
  }
  return { ...value };
}

/** Sets values at paths of a JSON text, keeping comments, order and the indentation in use. */
export function setValues(text: string | null, changes: [JSONPath, unknown][]): string {
  const bom = text?.startsWith('\uFEFF') ? '\uFEFF' : '';
  let content = (text ?? '').slice(bom.length);
  if (content.trim() === '') content = '{}\n';
  const formattingOptions = formattingOf(content);
  for (const [path, value] of changes) {
    content = applyEdits(content, modify(content, path, value, { formattingOptions }));
  }
  return bom + content;
}

function formattingOf(text: string): FormattingOptions {
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 4 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/**
 * Writes a planned change; what was there is kept beside it as `<file>.turnkeep-backup`. Throws
 * `conflict` when the file was changed after the plan was made.
 */
export async function applyEdit({ file, before, after }: FileEdit): Promise<void> {
  if (before === after) return;
  if ((await readOptional(file)) !== before) {
    throw new TurnkeepError('conflict', `${file} was changed in the meantime: try again.`);
  }
  await mkdir(dirname(file), { recursive: true });
  if (before === null) return writeFileAtomic(file, after, 0o644);
  // A link (dotfiles kept in a repository) stays one.
  const target = await realpath(file);
  const { mode } = await stat(target);
  await copyFile(target, `${file}.turnkeep-backup`, constants.COPYFILE_FICLONE);
  await writeFileAtomic(target, after, mode & 0o777);
}
