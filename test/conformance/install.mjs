import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installOnce, toolsCacheDir } from '../../scripts/lib/cache.mjs';
import { cleanEnv } from '../../scripts/lib/leash.mjs';
import { npm } from '../../scripts/lib/setup.mjs';

const NODE = '22.23.3';
const PACKAGES = {
  conformance: '@modelcontextprotocol/conformance@0.2.0-alpha.12',
  inspector: '@modelcontextprotocol/inspector@2.12.0',
};
/** Both need Node 22; one that runs already is used as it is. */
const NEEDED_NODE = 22;
const needsNode = Number(process.versions.node.split('.')[0]) < NEEDED_NODE;

function nodePackage() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}

/**
 * Installs the conformance suite and the inspector, with a Node that runs them, into the tools cache
 * unless they are there. Throws when they cannot be had: what they check is not skipped.
 * @returns {Promise<{node: string, conformance: string, inspector: string}>} programs
 */
export async function installMcpTools() {
  const name = `mcp-tools-${process.platform}-${process.arch}${needsNode ? '-node' : ''}`;
  const dir = join(toolsCacheDir(), name);
  const packages = Object.values(PACKAGES);
  if (needsNode) packages.push(`${nodePackage()}@${NODE}`);
  await installOnce(dir, packages.join(' '), async (temp) => {
    console.log(`Installing ${packages.join(', ')} …`);
    await mkdir(temp, { recursive: true });
    // Without a package.json of its own npm would install into the nearest parent's.
    await writeFile(join(temp, 'package.json'), '{"private":true}\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];
    const args = ['install', ...packages, '--prefix', temp, ...flags, '--loglevel=error'];
    const code = await npm(args, { cwd: temp, env: cleanEnv() });
    if (code !== 0) throw new Error(`npm install ended with ${code}: see its messages above`);
  });
  const modules = join(dir, 'node_modules');
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  return {
    node: needsNode ? join(modules, nodePackage(), 'bin', binary) : process.execPath,
    conformance: join(modules, '@modelcontextprotocol', 'conformance', 'dist', 'index.js'),
    inspector: join(
      modules,
      '@modelcontextprotocol',
      'inspector',
      'clients',
      'launcher',
      'build',
      'index.js',
    ),
  };
}
