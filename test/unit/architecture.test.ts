import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clientPermissions } from '../../src/contracts/authTools.ts';
import { type EndpointName, endpoints } from '../../src/contracts/endpoints.ts';
import type { ToolContract } from '../../src/contracts/tool.ts';
import { type ToolName, tools } from '../../src/contracts/tools.ts';

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
  'evaluation',
  'files',
  'running',
  'trust',
  'ai',
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

const textOf = (file: string) => readFileSync(join(src, file), 'utf8');
const filesIn = (...folders: string[]) =>
  files.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));

describe('the typed client is the only way to the server', () => {
  /** How else one could speak to it: by the network, or by an address of one's own making. */
  const WAYS =
    /\bfetch\(|XMLHttpRequest|WebSocket|'undici'|'node:(?:https?|http2|net|tls|dgram)'|['"`]\/(?:api\/v|mcp['"`/]|health)/;

  it('for the command line, the extension and hooks, which open no connection of their own', () => {
    const others = filesIn('cli', 'extension', 'hook', 'project', 'mcp');
    const breaches = others.filter(
      (file) => WAYS.test(textOf(file)) || importsOf(file).includes('client/http.ts'),
    );
    expect(others.length).toBeGreaterThan(100);
    expect(breaches).toEqual([]);
  });

  it('and in it requests are made in four places', () => {
    const senders = filesIn('client').filter(
      (file) =>
        file !== 'client/http.ts' && /\b(?:requestJson|requestEvents|fetch)\(/.test(textOf(file)),
    );
    expect(senders.toSorted()).toEqual([
      'client/discovery.ts',
      'client/mcpClient.ts',
      'client/restClient.ts',
      'client/toolCall.ts',
    ]);
  });

  it('tools are called by their types, but for those that a model names', () => {
    const untyped = filesIn('cli', 'extension', 'client').filter((file) =>
      /\.callByName\(/.test(textOf(file)),
    );
    expect(untyped.toSorted()).toEqual(['cli/mcp/forwarder.ts', 'client/restClient.ts']);
  });
});

describe('a client may do what it does, and no more', () => {
  const permissionsOf = (text: string) =>
    [...text.matchAll(/'([A-Za-z_]+)'/g)].flatMap(([, name = '']) => {
      if (Object.hasOwn(tools, name)) return tools[name as ToolName].permission;
      return Object.hasOwn(endpoints, name) ? endpoints[name as EndpointName].permission : [];
    });
  const needed = (texts: string[]) => [...new Set(texts.flatMap(permissionsOf))].toSorted();
  const asPerson = (file: string) => textOf(file).includes('cli.admin');

  it('the command line; what is for the person alone goes by the home token', () => {
    // Those of stdio MCP are the model's, and its token's.
    const verbs = filesIn('cli').filter((file) => !file.startsWith('cli/mcp/'));
    const own = verbs.filter((file) => !asPerson(file));
    expect(new Set(needed(own.map(textOf)))).toEqual(new Set(clientPermissions.cli));
    for (const file of verbs.filter(asPerson)) {
      if (file.startsWith('cli/verbs/auth/') || file === 'cli/cli.ts') continue;
      // Any route that a person names: the token follows from its definition.
      if (file === 'cli/verbs/api.ts') continue;
      expect([file, permissionsOf(textOf(file)).includes('server:admin')]).toEqual([file, true]);
    }
  });

  it('the extension; what a person agrees to goes by the home token', () => {
    const texts = filesIn('extension').map((file) =>
      textOf(file).replace(/callAsPerson\(\s*'[a-z_]+'/g, ''),
    );
    expect(new Set(needed(texts))).toEqual(new Set(clientPermissions.extension));
  });

  it('the library', () => {
    const used = needed([textOf('client/library.ts')]);
    expect(new Set(used)).toEqual(new Set(clientPermissions.library));
  });

  it('an AI client: the tools that are listed to it', () => {
    const listed = Object.values<ToolContract>(tools).filter(
      ({ audience }) => audience === 'model',
    );
    const wanted = new Set(listed.map(({ permission }) => permission));
    for (const permission of clientPermissions.mcp) {
      expect([permission, wanted.has(permission)]).toEqual([permission, true]);
    }
  });
});
