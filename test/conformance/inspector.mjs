import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanEnv } from '../../scripts/lib/leash.mjs';
import { root } from '../../scripts/lib/setup.mjs';
import { runProgram } from './program.mjs';

const LIMIT_MS = 60_000;
const QUESTION = 'Where do the wombats sleep?';

/** Each call, and what its answer has to hold. */
const CALLS = [
  ['tools/list', ['--strict'], ({ tools }) => tools.some(({ name }) => name === 'query_memory')],
  [
    'tools/call',
    ['--tool-name', 'capture_user_query', '--tool-arg', `query=${QUESTION}`],
    ({ structuredContent }) => typeof structuredContent.turn_id === 'string',
  ],
  [
    'tools/call',
    ['--tool-name', 'query_memory', '--tool-arg', 'query=wombats', '--tool-arg', 'project=*'],
    ({ structuredContent }) => structuredContent.bundle.includes(QUESTION),
  ],
  [
    'resources/list',
    [],
    ({ resources }) => resources.some(({ uri }) => uri.startsWith('turnkeep://session/')),
  ],
  ['resources/templates/list', [], ({ resourceTemplates }) => resourceTemplates.length >= 3],
  ['prompts/list', [], ({ prompts }) => prompts.some(({ name }) => name === 'rehydrate')],
  [
    'prompts/get',
    ['--prompt-name', 'rehydrate', '--prompt-args', 'topic=wombats', 'project=*'],
    ({ messages }) => JSON.stringify(messages).includes(QUESTION),
  ],
];

/**
 * The inspector's command line as a client over both transports.
 * @returns {Promise<{name: string, problem: string | null}[]>}
 */
export async function inspectorChecks(programs, server, home, scratch) {
  // It keeps a catalog in the person's home: not in ours.
  const own = join(scratch, 'inspector');
  await mkdir(own, { recursive: true });
  const env = cleanEnv({ HOME: own, USERPROFILE: own });
  const given = [`TURNKEEP_HOME=${home}`, 'POSTGRES_DSN=mock://test'];
  const transports = [
    {
      title: 'http',
      before: [`${server.url}/mcp`, '--transport', 'http'],
      after: ['--header', `Authorization: Bearer ${server.token}`],
    },
    {
      title: 'stdio',
      before: [process.execPath, join(root, 'dist', 'cli.mjs'), 'mcp'],
      after: given.flatMap((pair) => ['-e', pair]),
    },
  ];
  const checks = [];
  for (const { title, before, after } of transports) {
    for (const [method, args, isRight] of CALLS) {
      const all = [programs.inspector, '--cli', ...before, '--method', method, ...args, ...after];
      const ran = await runProgram(programs.node, all, { env, limitMs: LIMIT_MS, cwd: scratch });
      checks.push({ name: `${title} ${method}`, problem: problemOf(ran, isRight) });
    }
  }
  return checks;
}

function problemOf({ code, stdout, stderr }, isRight) {
  if (code !== 0) return `exit code ${code}: ${stderr.trim().slice(-500)}`;
  try {
    return isRight(JSON.parse(stdout)) ? null : `not what was expected: ${stdout.slice(0, 500)}`;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}: ${stdout.slice(0, 200)}`;
  }
}
