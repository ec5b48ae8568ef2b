import { posix } from 'node:path';

const BY_EXTENSION: Record<string, string> = {
  ...{ ts: 'typescript', mts: 'typescript', cts: 'typescript', tsx: 'typescript' },
  ...{ js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'javascript' },
  ...{ py: 'python', rb: 'ruby', go: 'go', rs: 'rust', java: 'java', kt: 'kotlin', cs: 'csharp' },
  ...{ c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', hpp: 'cpp', swift: 'swift', php: 'php' },
  ...{ sh: 'shell', bash: 'shell', ps1: 'powershell', sql: 'sql', html: 'html', css: 'css' },
  ...{ md: 'markdown', json: 'json', jsonl: 'json', yaml: 'yaml', yml: 'yaml', toml: 'toml' },
  ...{ xml: 'xml', csv: 'csv', txt: 'text', vue: 'vue', svelte: 'svelte', ini: 'ini', env: 'ini' },
};

/** The language of a file by its name; null when that does not tell. */
export function languageOf(filename: string): string | null {
  const name = posix.basename(filename.replaceAll('\\', '/')).toLowerCase();
  if (name === 'dockerfile' || name === 'makefile') return name;
  const extension = posix.extname(name).slice(1) || name.slice(1);
  return Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] ?? null) : null;
}
