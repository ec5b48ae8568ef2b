import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dist } from '../support/server.ts';

type Meta = { inputs: Record<string, unknown> };
const meta = (): Record<string, Meta> => {
  const file = join(dist, 'meta.json');
  if (!existsSync(file)) throw new Error('dist/ is not built: npm run build');
  return JSON.parse(readFileSync(file, 'utf8'));
};
const inputsOf = (bundle: string) => Object.keys(meta()[bundle]?.inputs ?? {});
const kilobytes = (file: string) => statSync(join(dist, file)).size / 1024;

/** What may not be in a bundle, as parts of the paths of its inputs. */
const forbidden: Record<string, string[]> = {
  extension: [
    'src/server/',
    'src/cli/',
    'src/mcp/',
    'node_modules/pg/',
    'pglite',
    'node_modules/zod/',
    'node_modules/@modelcontextprotocol/',
    'node_modules/chart.js/',
  ],
  client: ['src/server/', 'src/cli/', 'node_modules/pg/', 'pglite', 'node_modules/hono/'],
  modelDetails: ['src/server/', 'src/client/', 'src/contracts/', 'src/cli/', 'node_modules/zod/'],
  cli: ['src/server/', 'src/extension/', 'node_modules/pg/', 'pglite', 'node_modules/hono/'],
  library: ['src/server/', 'src/extension/', 'src/cli/', 'node_modules/pg/', 'pglite'],
  server: [
    'src/client/',
    'src/cli/',
    'src/extension/',
    'node_modules/@electric-sql/',
    'node_modules/@ai-sdk/',
    'node_modules/undici/',
    'node_modules/ajv/',
  ],
  aiSdk: ['src/client/', 'src/cli/', 'src/extension/', 'src/server/platform/', 'node_modules/ai/'],
  outbound: ['src/client/', 'src/cli/', 'src/extension/', 'src/server/platform/'],
  hook: ['src/server/', 'src/client/', 'src/cli/', 'src/extension/', 'node_modules/'],
  databaseWorker: ['src/client/', 'src/cli/', 'src/extension/', 'node_modules/pg/', 'hono'],
};

describe.each(Object.entries(forbidden))('dist/%s', (bundle, parts) => {
  it('is there and holds nothing of the others', () => {
    const inputs = inputsOf(bundle);
    expect(inputs.length).toBeGreaterThan(0);
    const breaches = inputs.filter((input) => parts.some((part) => input.includes(part)));
    expect(breaches).toEqual([]);
  });
});

describe('sizes', () => {
  it.each([
    ['extension.cjs', 300],
    ['client.cjs', 900],
    ['modelDetails.js', 250],
    ['cli.mjs', 1500],
    ['server.mjs', 2500],
    ['hook.mjs', 12],
  ])('dist/%s is at most %d KB', (file, limit) => {
    expect(kilobytes(file)).toBeLessThanOrEqual(limit);
  });
});

describe('what is built', () => {
  it('carries its version and no path of the machine that built it', () => {
    const { version } = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8'));
    for (const file of ['server.mjs', 'cli.mjs', 'client.cjs']) {
      const text = readFileSync(join(dist, file), 'utf8');
      expect(text).toContain(`"${version}"`);
      expect(text).not.toContain(join(dist, '..').replace(/[\\/]$/, ''));
    }
  });
  it.runIf(process.platform !== 'win32')('has a command line that can be run as it is', () => {
    expect(statSync(join(dist, 'cli.mjs')).mode & 0o111).toBe(0o111);
  });

  it('has the database engine and its template beside it', () => {
    for (const file of ['pglite.wasm', 'pglite.data', 'template.tar.br']) {
      expect(existsSync(join(dist, 'pglite', file)), file).toBe(true);
    }
  });
});
