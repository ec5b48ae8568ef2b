import type { SqlResult } from '../../contracts/server.ts';
import { harmless } from './text.ts';

// East Asian wide and fullwidth forms, and emoji, take two columns.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns of a terminal that a line of text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (NO_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** A result as psql prints it: aligned columns, `+` where a value goes on, the number of rows. */
export function sqlTable({ columns, rows, command, row_count }: SqlResult): string {
  if (columns.length === 0) return commandTag(command, row_count);
  const cells = rows.map((row) => row.map((value) => harmless(value ?? '').split('\n')));
  const widths = columns.map((name, column) => {
    const lines = cells.flatMap((row) => row[column] ?? []);
    return Math.max(displayWidth(name), ...lines.map(displayWidth));
  });
  const numeric = columns.map((_, column) => isNumeric(rows.map((row) => row[column] ?? null)));
  const header = columns.map((name, column) => centred(name, widths[column] ?? 0));
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  const body = cells.flatMap((row) => rowLines(row, widths, numeric));
  const total = `(${row_count} ${row_count === 1 ? 'row' : 'rows'})`;
  return [header.map((name) => ` ${name} `).join('|'), rule, ...body, total].join('\n');
}

function rowLines(row: string[][], widths: number[], numeric: boolean[]): string[] {
  const height = Math.max(1, ...row.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = row.map((lines, column) => {
      const text = lines[line] ?? '';
      const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(text)));
      const goesOn = line < lines.length - 1 ? '+' : ' ';
      return ` ${numeric[column] ? space + text : text + space}${goesOn}`;
    });
    return parts.join('|').trimEnd();
  });
}

function centred(text: string, width: number): string {
  const space = Math.max(0, width - displayWidth(text));
  const left = Math.floor(space / 2);
  return ' '.repeat(left) + text + ' '.repeat(space - left);
}

function isNumeric(values: (string | null)[]): boolean {
  const present = values.filter((value) => value !== null);
  return present.length > 0 && present.every((value) => /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value));
}

/** psql's words for a statement without rows: `INSERT 0 1`, `UPDATE 3`, `CREATE TABLE`. */
function commandTag(command: string, rows: number): string {
  if (command === 'INSERT') return `INSERT 0 ${rows}`;
  return /^(UPDATE|DELETE|MERGE|COPY|MOVE|FETCH)$/.test(command) ? `${command} ${rows}` : command;
}
