const MAX_FILES = 50;
const MAX_PATH = 400;
const LISTS = ['file_operations', 'files', 'files_touched', 'paths'];
const NAMES = ['path', 'file', 'file_path', 'filePath', 'filename', 'target', 'name'];

/** The files that the metadata of a message names, each once, in order. */
export function filesOfMetadata(metadata: unknown): string[] {
  if (typeof metadata !== 'object' || metadata === null) return [];
  const found = new Set<string>();
  for (const list of LISTS) {
    for (const path of pathsOf((metadata as Record<string, unknown>)[list])) found.add(path);
  }
  return [...found].slice(0, MAX_FILES);
}

function pathsOf(value: unknown): string[] {
  if (typeof value === 'string') return pathsOfText(value);
  if (Array.isArray(value)) return value.slice(0, MAX_FILES).flatMap(pathOfItem);
  return [];
}

/** A string holds JSON, or paths one a line or between commas. */
function pathsOfText(text: string): string[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed.slice(0, MAX_FILES).flatMap(pathOfItem);
  } catch {
    // Not JSON: a plain list.
  }
  return text
    .split(/[\n,]/)
    .slice(0, MAX_FILES)
    .flatMap((part) => pathOfItem(part));
}

function pathOfItem(item: unknown): string[] {
  if (typeof item === 'string') {
    const path = item.trim();
    const isPath = path !== '' && path.length <= MAX_PATH && /[./\\]/.test(path);
    return isPath && !/[\n\r{}]/.test(path) ? [path] : [];
  }
  if (typeof item !== 'object' || item === null) return [];
  for (const name of NAMES) {
    const value = (item as Record<string, unknown>)[name];
    if (typeof value === 'string') return pathOfItem(value);
  }
  return [];
}

/** A path with a folder and an ending, not part of a web address; backslashes too. */
const PATH =
  /(?<![\p{L}\p{N}_./\\:@-])(?:[A-Za-z]:[\\/]|~?\/|\.{1,2}[\\/])?(?:[\w@.-]{1,80}[\\/]){1,20}[\w@.-]{0,80}[\w-]\.[A-Za-z][A-Za-z0-9]{0,7}(?![\w/\\])/gu;
const READ = 20_000;

/** Paths of files that a text names, each once, in order. */
export function pathsInText(text: string): string[] {
  const found = new Set<string>();
  for (const [path] of text.slice(0, READ).matchAll(PATH)) {
    if (!/^(?:www\.|[\w-]+\.(?:com|org|net|io|dev)[\\/])/i.test(path)) found.add(path);
    if (found.size >= MAX_FILES) break;
  }
  return [...found];
}
