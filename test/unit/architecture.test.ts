import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/*
 * Rules on who may import whom that the linter cannot say. The others (vscode, database drivers,
 * clients and server, cycles, barrels, default exports) are in biome.json.
 */

const src = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) =>
    relative(src, resolve(src, dirname(file), path ?? ''))
      .split(sep)
      .join('/'),
  );
}

const CAPABILITIES = [
  'conversations',
  'memory',
  'capture',
  'redaction',
  'projects',
  'context',
  'models',
  'integrations',
  'webhooks',
];
/** Who puts the server together may see the tools of every capability. */
const ASSEMBLY = 'server/process/';

const capabilityOf = (file: string) => {
  const [program, folder] = file.split('/');
  return program === 'server' && CAPABILITIES.includes(folder ?? '') ? folder : undefined;
};

describe('architecture', () => {
  it('a capability is used by others through its service alone', () => {
    const breaches = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => {
          const owner = capabilityOf(target);
          if (!owner || owner === capabilityOf(file) || file.startsWith(ASSEMBLY)) return false;
          return !target.endsWith('/service.ts');
        })
        .map((target) => `${file} imports ${target}`),
    );
    expect(breaches).toEqual([]);
  });

  it('every file stays small enough to read in one go', () => {
    const long = files.filter(
      (file) =>
        !file.endsWith('.snapshot.ts') &&
        readFileSync(join(src, file), 'utf8').split('\n').length > 300,
    );
    expect(long).toEqual([]);
  });

  it('no two folders of the server need each other in a circle', () => {
    const edges = new Map<string, Set<string>>();
    const folderOf = (file: string) => file.split('/').slice(0, 2).join('/');
    for (const file of files.filter((name) => name.startsWith('server/'))) {
      for (const target of importsOf(file).filter((name) => name.startsWith('server/'))) {
        const [from, to] = [folderOf(file), folderOf(target)];
        if (from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to));
      }
    }
    const circles: string[] = [];
    for (const [from, targets] of edges) {
      for (const to of targets) if (edges.get(to)?.has(from)) circles.push(`${from} <-> ${to}`);
    }
    expect(circles).toEqual([]);
  });
});
