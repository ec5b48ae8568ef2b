import { once } from 'node:events';
import { appendFile, mkdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Agent } from '../../src/contracts/observed.ts';
import type { ToolInput } from '../../src/contracts/tools.ts';
import { settingsFolder } from '../../src/server/capture/readers/shared/editors.ts';
import { claudeTurn, type HistoryHome, makeHistoryHome } from '../support/historyHome.ts';
import { hookFile, pairs, putHooks, turnsOf } from '../support/hooks.ts';
import { startTestServer, type TestServer, until } from '../support/server.ts';
import {
  newConversation,
  type Told,
  type ToldTurn,
  writeTranscript,
} from '../support/transcripts.ts';
import { bubbles, composer, Writer } from '../unit/capture/cursorStores.ts';

let someone: HistoryHome;
let home: string;
let project: string;
let server: TestServer;

const start = async () => {
  server = await startTestServer({ home, env: someone.env });
};
beforeEach(async () => {
  someone = await makeHistoryHome();
  home = join(someone.folder, '.turnkeep');
  project = join(someone.folder, 'work', 'site');
  await mkdir(home);
  await mkdir(project, { recursive: true });
  await start();
});
afterEach(async () => {
  await server.stop();
  await someone.remove();
});

const set = (input: ToolInput<'set_capture_settings'>) =>
  server.call('set_capture_settings', input);
const pause = () => set({ paused: true });
/** Resumes, and waits until the pause is noted in every source. */
const resume = async () => {
  await set({ paused: false });
  await noted();
};
const noted = () =>
  until(async () => {
    const text = await readFile(join(home, 'capture.json.pauses'), 'utf8');
    const { pauses } = JSON.parse(text) as { pauses: { to: string | null; left: unknown }[] };
    return pauses.every(({ to, left }) => to !== null && JSON.stringify(left) === '[]');
  }, 'the pause to be noted');
const has = (agent: Agent, conversation: string, expected: (string | null)[][]) =>
  until(
    async () => {
      const found = pairs(await turnsOf(server, agent, conversation));
      return JSON.stringify(found) === JSON.stringify(expected);
    },
    `${JSON.stringify(expected)}`,
  ).catch(async (error: Error) => {
    expect(pairs(await turnsOf(server, agent, conversation)), error.message).toEqual(expected);
  });
const bringIn = async (input: ToolInput<'import_history'>) => {
  const { job_id } = await server.call('import_history', input);
  return until(async () => {
    const job = await server.call('get_import_job', { job_id });
    return job.state === 'running' ? null : job;
  }, 'the import');
};
const turn = (name: string, ...parts: string[]): ToldTurn => ({
  ...{ id: name, prompt: `${name}?`, status: 'complete', at: new Date().toISOString() },
  parts: parts.length > 0 ? parts : [`${name} is answered.`],
});
const pairOf = ({ prompt, parts }: ToldTurn) => [prompt, parts.join('\n\n')];
const hook = (told: Told, generation_id: string, event: string, more = {}, at?: string) =>
  hookFile(
    'cursor',
    {
      ...{ conversation_id: told.conversation, hook_event_name: event, generation_id },
      ...{ workspace_roots: [project], ...more },
    },
    at === undefined ? {} : { at },
  );
const spoolIsEmpty = () =>
  until(async () => (await server.call('get_capture_health', {})).spool.waiting === 0, 'the spool');

it('a watched transcript: what was said in the pause stays out, unless it is asked for', async () => {
  const session = '0a0a0a0a-1111-4111-8111-000000000001';
  const file = await someone.claude(session, 2, project);
  const said = (n: number) => [`Question ${n} of ${session}`, `Answer ${n} of ${session}`];
  await bringIn({ agents: ['claude-code'], watch: true });
  await appendFile(file, claudeTurn(session, 2, project));
  await pause();
  await has('claude-code', session, [said(0), said(1), said(2)]);
  await appendFile(file, claudeTurn(session, 3, project));
  const other = '0a0a0a0a-1111-4111-8111-000000000002';
  await someone.claude(other, 1, project);
  await resume();
  await appendFile(file, claudeTurn(session, 4, project));
  await has('claude-code', session, [said(0), said(1), said(2), said(4)]);
  await utimes(file, new Date(), new Date());
  expect((await bringIn({ agents: ['claude-code'] })).turns.added).toBe(0);
  expect(await turnsOf(server, 'claude-code', other)).toEqual([]);
  expect((await bringIn({ agents: ['claude-code'], again: true })).turns.added).toBe(2);
  await has('claude-code', session, [0, 1, 2, 3, 4].map(said));
});

it('a transcript without times: also where hooks alone are on, and a turn stays as it was', async () => {
  const told = newConversation(project);
  const c = told.conversation;
  const [one, two, three, four] = [turn('One'), turn('Two', 'Half.'), turn('Three'), turn('Four')];
  told.turns.push(one, two);
  await writeTranscript(someone.folder, 'cursor', told);
  await putHooks(home, [hook(told, 'g1', 'stop', { status: 'completed' })]);
  await putHooks(home, [hook(told, 'g2', 'beforeSubmitPrompt', { prompt: two.prompt })]);
  await has('cursor', c, [pairOf(one), pairOf(two)]);
  await pause();
  told.turns[1] = { ...two, parts: ['Half.', 'The rest was said in the pause.'] };
  told.turns.push(three);
  await writeTranscript(someone.folder, 'cursor', told);
  await putHooks(home, [hook(told, 'g3', 'stop', { status: 'completed' })]);
  await resume();
  told.turns.push(four);
  await writeTranscript(someone.folder, 'cursor', told);
  await putHooks(home, [
    hook(told, 'g4', 'beforeSubmitPrompt', { prompt: four.prompt }),
    hook(told, 'g4', 'afterAgentResponse', { text: four.parts[0] }),
    hook(told, 'g4', 'stop', { status: 'completed' }),
  ]);
  await has('cursor', c, [pairOf(one), pairOf(two), pairOf(four)]);
  expect((await bringIn({ agents: ['cursor'], watch: true })).turns.added).toBe(0);
  await has('cursor', c, [pairOf(one), pairOf(two), pairOf(four)]);
  await bringIn({ agents: ['cursor'], again: true });
  await has('cursor', c, told.turns.map(pairOf));
});

it('an answer of which the prompt was said in the pause comes without it', async () => {
  const told = newConversation(project);
  const answer = 'This answer was given when capture went on, and is long enough to tell.';
  await pause();
  told.turns.push({ ...turn('Secret'), parts: [answer] });
  await resume();
  await putHooks(home, [hook(told, 'g1', 'afterAgentResponse', { text: answer })]);
  await has('cursor', told.conversation, [[null, answer]]);
  await pause();
  await writeTranscript(someone.folder, 'cursor', told);
  await resume();
  await putHooks(home, [hook(told, 'g1', 'stop', { status: 'completed' })]);
  await bringIn({ agents: ['cursor'] });
  await has('cursor', told.conversation, [[null, answer]]);
});

it('a store of many conversations', async () => {
  const settings = settingsFolder({ home: someone.folder, env: {}, platform: process.platform });
  const path = join(settings, 'Cursor', 'User', 'globalStorage', 'state.vscdb');
  const writer = new Writer(join(someone.folder, 'made', 'state.vscdb'));
  const put = (id: string, count: number) => {
    const at = Date.now();
    writer.put('cursorDiskKV', {
      ...composer(id, count, { createdAt: at, lastUpdatedAt: at }),
      ...bubbles(id, count, (index) => `${id} says ${index}`),
    });
    writer.copyTo(path);
  };
  put('first', 4);
  await bringIn({ agents: ['cursor'], watch: true });
  const before = pairs(await turnsOf(server, 'cursor', 'first'));
  expect(before).toHaveLength(2);
  await pause();
  put('first', 6);
  put('second', 2);
  await resume();
  put('first', 8);
  writer.close();
  await has('cursor', 'first', [...before, ['first says 6', 'first says 7']]);
  expect(await turnsOf(server, 'cursor', 'second')).toEqual([]);
  expect((await bringIn({ agents: ['cursor'], again: true })).turns.added).toBe(2);
}, 60_000);

it('hooks: by the time of the event, however late it is taken in', async () => {
  const told = newConversation(project);
  const asked = (name: string, at: string) =>
    hook(told, name, 'beforeSubmitPrompt', { prompt: `${name}?` }, at);
  const ago = new Date(Date.now() - 60_000).toISOString();
  await pause();
  await new Promise((done) => setTimeout(done, 20));
  const meanwhile = new Date().toISOString();
  await putHooks(home, [asked('Before', ago), asked('During', meanwhile)]);
  await has('cursor', told.conversation, [['Before?', null]]);
  await new Promise((done) => setTimeout(done, 20));
  await resume();
  await new Promise((done) => setTimeout(done, 20));
  const after = new Date().toISOString();
  await putHooks(home, [asked('Late', meanwhile), asked('After', after)]);
  await spoolIsEmpty();
  await has('cursor', told.conversation, [
    ['Before?', null],
    ['After?', null],
  ]);
});

it('a pause that outlives a crash, and is ended by hand while no server runs', async () => {
  const told = newConversation(project);
  const [one, two, three] = [turn('One'), turn('Two'), turn('Three')];
  told.turns.push(one);
  await writeTranscript(someone.folder, 'cursor', told);
  await bringIn({ agents: ['cursor'], watch: true });
  await pause();
  const ended = once(server.child, 'exit');
  server.child.kill('SIGKILL');
  await ended;
  told.turns.push(two);
  await writeTranscript(someone.folder, 'cursor', told);
  await writeSettings({ watch: ['cursor'], paused: false });
  await start();
  await noted();
  told.turns.push(three);
  await writeTranscript(someone.folder, 'cursor', told);
  await has('cursor', told.conversation, [pairOf(one), pairOf(three)]);
});

it('a pause by hand, while the server runs', async () => {
  const told = newConversation(project);
  const [one, two, three] = [turn('One'), turn('Two'), turn('Three')];
  told.turns.push(one);
  await writeTranscript(someone.folder, 'cursor', told);
  await bringIn({ agents: ['cursor'], watch: true });
  await writeSettings({ watch: ['cursor'], paused: true });
  await until(() => readFile(join(home, 'capture.json.pauses')).catch(() => null), 'the pause');
  told.turns.push(two);
  await writeTranscript(someone.folder, 'cursor', told);
  await writeSettings({ watch: ['cursor'] });
  await noted();
  told.turns.push(three);
  await writeTranscript(someone.folder, 'cursor', told);
  await has('cursor', told.conversation, [pairOf(one), pairOf(three)]);
});

async function writeSettings(settings: object): Promise<void> {
  const file = join(home, 'capture.json');
  await writeFile(`${file}.new`, JSON.stringify(settings));
  await rename(`${file}.new`, file);
}
