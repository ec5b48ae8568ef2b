/** The file and line that a message about a malformed file begins with. */
export function placeIn(message: string): { file: string; line: number } | undefined {
  const [, file, line] = /^(.+?), line (\d+): /.exec(message) ?? [];
  return file && line ? { file, line: Number(line) } : undefined;
}
