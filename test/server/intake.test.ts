import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/contracts/observed.ts';
import { healthSchema } from '../../src/contracts/server.ts';
import { type HookFile, hookFile, pairs, putHooks, turnsOf } from '../support/hooks.ts';
import {
  makeHome,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';
import {
  newConversation,
  type Told,
  type ToldTurn,
  writeTranscript,
} from '../support/transcripts.ts';

let home: string;
let person: string;
let project: string;
let server: TestServer;

const start = async () => {
  // The server's home lies in the person's: transcripts are read from there alone.
  server = await startTestServer({ home, env: { HOME: person, USERPROFILE: person } });
  return server;
};
beforeEach(async () => {
  person = await makeHome();
  home = join(person, '.turnkeep');
  project = join(person, 'shop');
  await mkdir(project);
  await mkdir(home);
  await start();
});
afterEach(async () => {
  await server.stop();
  await removeHome(person);
});

let clock = Date.now() - 3_600_000;
/** A time later than all before. */
const tick = () => {
  clock += 5000;
  return new Date(clock).toISOString();
};
const put = (...files: HookFile[]) => putHooks(home, files);
const settled = () =>
  until(
    async () => (await readdir(join(home, 'spool'))).every((name) => !name.endsWith('.json')),
    'the spool',
  );
const waitFor = (agent: Agent, conversation: string, expected: (string | null)[][]) =>
  until(
    async () => {
      const found = pairs(await turnsOf(server, agent, conversation));
      return JSON.stringify(found) === JSON.stringify(expected) && found;
    },
    `${agent} to have ${JSON.stringify(expected)}`,
  ).catch(async (error: Error) => {
    expect(pairs(await turnsOf(server, agent, conversation)), error.message).toEqual(expected);
  });
const cursor = (conversation_id: string, generation_id: string, event: string, more = {}) =>
  hookFile(
    'cursor',
    { conversation_id, generation_id, hook_event_name: event, workspace_roots: [project], ...more },
    { at: tick() },
  );
const turn = (id: string, prompt: string, ...parts: string[]): ToldTurn => ({
  ...{ id, prompt, parts, status: 'complete', at: tick() },
});

describe('Cursor', () => {
  it('a turn in several parts, its tokens, files and status', async () => {
    const c = randomUUID();
    await put(
      cursor(c, 'g1', 'sessionStart'),
      cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'Make it blue.', model: 'gpt-x' }),
      cursor(c, 'g1', 'afterAgentThought', { text: 'hm' }),
      cursor(c, 'g1', 'afterAgentResponse', { text: 'I look.', input_tokens: 5, output_tokens: 2 }),
      cursor(c, 'g1', 'afterFileEdit', { file_path: 'a.css', edits: [] }),
      cursor(c, 'g1', 'afterAgentResponse', { text: 'It is blue.' }),
      cursor(c, 'g1', 'stop', { status: 'completed' }),
      cursor(c, 'g2', 'beforeSubmitPrompt', { prompt: 'And now red.' }),
      cursor(c, 'g2', 'afterAgentResponse', { text: 'Half of' }),
      cursor(c, 'g2', 'stop', { status: 'aborted' }),
    );
    await waitFor('cursor', c, [
      ['Make it blue.', 'I look.\n\nIt is blue.'],
      ['And now red.', 'Half of'],
    ]);
    const turns = await turnsOf(server, 'cursor', c);
    expect(turns.map(({ status }) => status)).toEqual([null, 'aborted']);
    const { sessions } = await server.call('list_sessions', { project: 'shop' });
    expect(sessions).toMatchObject([{ source: 'agent', agent: 'cursor', turn_count: 2 }]);
    const { messages } = await server.call('get_session', {
      session_id: sessions[0]?.session_id ?? '',
    });
    expect(messages[1]?.metadata).toMatchObject({
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 2,
      files: ['a.css'],
    });
    expect(messages[1]?.provenances).toEqual(['hook']);
    const health = await server.call('get_capture_health', {});
    const events = health.agents.find(({ agent }) => agent === 'cursor')?.events ?? [];
    expect(Object.fromEntries(events.map(({ kind, count }) => [kind, count]))).toEqual({
      ...{ afterAgentResponse: 3, afterAgentThought: 1, afterFileEdit: 1 },
      ...{ beforeSubmitPrompt: 2, sessionStart: 1, stop: 2 },
    });
    expect(health.agents.find(({ agent }) => agent === 'cursor')?.turns).toEqual({ hook: 2 });
  });

  it('events that come in any order, twice, and again under the same id', async () => {
    const c = randomUUID();
    const prompt = cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'One?' });
    const answer = cursor(c, 'g1', 'afterAgentResponse', { text: 'One.' });
    const stop = cursor(c, 'g1', 'stop', { status: 'error' });
    const again = hookFile('cursor', answer.entry.payload, { at: answer.entry.created_at });
    await put(stop);
    await settled();
    await put(answer, again);
    await settled();
    await put(prompt);
    await waitFor('cursor', c, [['One?', 'One.']]);
    await put(prompt, answer, stop);
    await settled();
    await waitFor('cursor', c, [['One?', 'One.']]);
    expect((await turnsOf(server, 'cursor', c))[0]?.status).toBe('failed');
  });

  it('the same turn under the files of Claude Code is not doubled', async () => {
    const c = randomUUID();
    const claude = (payload: object) =>
      hookFile(
        'claude-code',
        { session_id: c, cwd: project, ...payload },
        { at: tick(), env: { CURSOR_VERSION: '3.4' } },
      );
    await put(
      claude({ hook_event_name: 'UserPromptSubmit', prompt: 'One?' }),
      cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'One?' }),
      cursor(c, 'g1', 'afterAgentResponse', { text: 'One.' }),
      claude({ hook_event_name: 'Stop', last_assistant_message: 'One.' }),
      cursor(c, 'g1', 'stop', { status: 'completed' }),
    );
    await waitFor('cursor', c, [['One?', 'One.']]);
    await settled();
    expect((await server.call('get_conversation_stats', {})).stats.totals.turns).toBe(1);
  });
});

describe('the other agents', () => {
  it('Claude Code, with prompt ids and without', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const claude = (session_id: string, hook_event_name: string, more: object) =>
      hookFile(
        'claude-code',
        { session_id, hook_event_name, cwd: project, ...more },
        { at: tick() },
      );
    await put(
      claude(a, 'UserPromptSubmit', { prompt: 'One?', prompt_id: 'p1' }),
      claude(b, 'UserPromptSubmit', { prompt: 'continue' }),
      claude(a, 'SubagentStop', { last_assistant_message: 'not said' }),
      claude(a, 'Stop', { last_assistant_message: 'One.', prompt_id: 'p1' }),
      claude(b, 'Stop', { last_assistant_message: 'First.' }),
      claude(b, 'UserPromptSubmit', { prompt: 'continue' }),
      claude(b, 'Stop', { last_assistant_message: 'Second.' }),
      claude(a, 'SessionEnd', { reason: 'exit' }),
    );
    await waitFor('claude-code', a, [['One?', 'One.']]);
    await waitFor('claude-code', b, [
      ['continue', 'First.'],
      ['continue', 'Second.'],
    ]);
  });

  it('Gemini CLI, told in two events or in one', async () => {
    const c = randomUUID();
    const gemini = (hook_event_name: string, more: object) =>
      hookFile(
        'gemini-cli',
        { session_id: c, hook_event_name, cwd: project, ...more },
        { at: tick() },
      );
    await put(gemini('BeforeAgent', { prompt: 'continue' }));
    await waitFor('gemini-cli', c, [['continue', null]]);
    await put(
      gemini('AfterAgent', { prompt: 'continue', prompt_response: 'First.' }),
      gemini('BeforeAgent', { prompt: 'continue' }),
      gemini('AfterAgent', { prompt: 'continue', prompt_response: 'Second.' }),
      gemini('AfterAgent', { prompt: 'Alone?', prompt_response: 'Third.' }),
    );
    await waitFor('gemini-cli', c, [
      ['continue', 'First.'],
      ['continue', 'Second.'],
      ['Alone?', 'Third.'],
    ]);
  });

  it.each(['vscode', 'copilot-cli'] as const)(
    '%s, whose answers are in the transcript alone',
    async (agent) => {
      const told: Told = newConversation(project);
      const hook = (event: string, more: object) => {
        const payload =
          agent === 'vscode'
            ? { sessionId: told.conversation, hookEventName: event, timestamp: tick() }
            : { session_id: told.conversation, hook_event_name: event };
        return hookFile(agent, { ...payload, cwd: project, ...more }, { at: tick() });
      };
      await put(hook('UserPromptSubmit', { prompt: 'One?' }));
      await waitFor(agent, told.conversation, [['One?', null]]);
      told.turns.push(turn('1', 'One?', 'I look.', 'One.'));
      const transcript_path = await writeTranscript(person, agent, told);
      await put(hook('Stop', { transcript_path }));
      await waitFor(agent, told.conversation, [['One?', 'I look.\n\nOne.']]);
      told.turns.push(turn('2', 'Two?', 'Two.'));
      // No path, and the transcript is written after the hook.
      await put(hook('UserPromptSubmit', { prompt: 'Two?' }), hook('Stop', {}));
      await settled();
      await writeTranscript(person, agent, told);
      await waitFor(agent, told.conversation, [
        ['One?', 'I look.\n\nOne.'],
        ['Two?', 'Two.'],
      ]);
    },
  );
});

describe('what hooks did not tell', () => {
  it('is taken from the transcript at the end of a turn', async () => {
    const told = newConversation(project);
    told.turns.push(turn('p1', 'One?', 'First.', 'Then that.'), turn('p2', 'Two?', 'Two.'));
    const transcript_path = await writeTranscript(person, 'claude-code', told);
    const stop = {
      ...{ session_id: told.conversation, hook_event_name: 'Stop', cwd: project, transcript_path },
      ...{ prompt_id: 'p2', last_assistant_message: 'Two.' },
    };
    await put(hookFile('claude-code', stop));
    await waitFor('claude-code', told.conversation, [
      ['One?', 'First.\n\nThen that.'],
      ['Two?', 'Two.'],
    ]);
    const health = await server.call('get_capture_health', {});
    const turns = health.agents.find(({ agent }) => agent === 'claude-code')?.turns;
    expect(turns).toEqual({ hook: 1, transcript: 2 });
  });

  it('is taken once, when the hook of the end runs again much later', async () => {
    const told = newConversation(project);
    told.turns.push(turn('p1', 'Which?', 'gerbil', 'hamster'));
    const transcript_path = await writeTranscript(person, 'claude-code', told);
    const begin = Date.now() - 600_000;
    const claude = (hook_event_name: string, seconds: number, more: object) => {
      const place = { session_id: told.conversation, cwd: project, transcript_path };
      const payload = { ...place, hook_event_name, prompt_id: 'p1', ...more };
      return hookFile('claude-code', payload, {
        at: new Date(begin + seconds * 1000).toISOString(),
      });
    };
    const stop = (seconds: number) =>
      claude('Stop', seconds, { last_assistant_message: 'hamster' });
    const whole = [['Which?', 'gerbil\n\nhamster']];
    await put(claude('UserPromptSubmit', 0, { prompt: 'Which?' }), stop(10));
    await waitFor('claude-code', told.conversation, whole);
    await put(stop(80));
    await settled();
    await waitFor('claude-code', told.conversation, whole);
    await server.stop();
    await start();
    await put(stop(300));
    await settled();
    await waitFor('claude-code', told.conversation, whole);
  });

  it('is taken at the next start, when the server was not there', async () => {
    const told = newConversation(project);
    told.turns.push(turn('g1', 'One?', 'One.'));
    const c = told.conversation;
    await put(
      cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'One?' }),
      cursor(c, 'g1', 'afterAgentResponse', { text: 'One.' }),
    );
    await waitFor('cursor', c, [['One?', 'One.']]);
    await server.stop();
    told.turns.push(turn('g2', 'Two?', 'Two.'));
    await writeTranscript(person, 'cursor', told);
    await start();
    await waitFor('cursor', c, [
      ['One?', 'One.'],
      ['Two?', 'Two.'],
    ]);
  });

  it('is paired by its order over a restart, where the agent names no turns', async () => {
    const [a, b] = [randomUUID(), randomUUID()];
    const gemini = (hook_event_name: string, more: object) =>
      hookFile('gemini-cli', { session_id: a, hook_event_name, ...more }, { at: tick() });
    const claude = (hook_event_name: string, more: object) =>
      hookFile('claude-code', { session_id: b, hook_event_name, ...more }, { at: tick() });
    await put(
      gemini('BeforeAgent', { prompt: 'continue' }),
      claude('UserPromptSubmit', { prompt: 'continue' }),
    );
    await waitFor('claude-code', b, [['continue', null]]);
    await server.stop();
    await start();
    await put(
      gemini('AfterAgent', { prompt: 'continue', prompt_response: 'First.' }),
      claude('Stop', { last_assistant_message: 'First.' }),
    );
    await waitFor('gemini-cli', a, [['continue', 'First.']]);
    await waitFor('claude-code', b, [['continue', 'First.']]);
  });

  it('is taken from the hook after all, when the transcript does not come to hold it', async () => {
    const told = newConversation(project);
    told.named = false;
    told.turns.push(turn('p1', 'One?', 'One.'));
    const transcript_path = await writeTranscript(person, 'claude-code', told);
    const claude = (hook_event_name: string, more: object) => {
      const payload = {
        session_id: told.conversation,
        hook_event_name,
        cwd: project,
        transcript_path,
      };
      return hookFile('claude-code', { ...payload, ...more }, { at: tick() });
    };
    const answer = 'It is said here and in no file: the hook alone knows of it.';
    await put(
      claude('UserPromptSubmit', { prompt: 'Two?' }),
      claude('Stop', { last_assistant_message: answer }),
    );
    const found = await until(async () => {
      const turns = await turnsOf(server, 'claude-code', told.conversation);
      return turns.some((one) => one.answer === answer) && pairs(turns);
    }, 'the answer of the hook');
    expect(found.sort()).toEqual([
      ['One?', 'One.'],
      ['Two?', answer],
    ]);
  });

  it('is not taken from a file that is none of theirs, and the health tells', async () => {
    const outside = await makeHome();
    const told = newConversation(project);
    told.turns.push(turn('g1', 'Secret?', 'Secret.'));
    const foreign = await writeTranscript(outside, 'cursor', told);
    const link = join(person, 'link.jsonl');
    await symlink(foreign, link, 'file');
    const other = join(person, 'notes.txt');
    await writeFile(other, 'nothing');
    for (const transcript_path of [foreign, link, other, 'relative.jsonl', person]) {
      await put(cursor(randomUUID(), 'g1', 'stop', { status: 'completed', transcript_path }));
    }
    const findings = await until(async () => {
      const { agents } = await server.call('get_capture_health', {});
      const found = agents.find(({ agent }) => agent === 'cursor')?.findings ?? [];
      return found.length === 5 && found;
    }, 'the findings');
    expect(findings.every(({ code }) => code === 'source_unreadable')).toBe(true);
    expect((await server.call('get_conversation_stats', {})).stats.totals.turns).toBe(0);
    await removeHome(outside);
  });
});

describe('what is not to be stored', () => {
  it('is dropped while capture is paused, and where the settings exclude it', async () => {
    const c = randomUUID();
    const secret = join(person, 'secret');
    await mkdir(secret);
    await server.call('set_capture_settings', { paused: true });
    const prompt = { conversation_id: c, hook_event_name: 'beforeSubmitPrompt', prompt: 'Paused?' };
    await put(hookFile('cursor', { ...prompt, generation_id: 'g1', workspace_roots: [project] }));
    await settled();
    const health = healthSchema.parse(await (await fetch(`${server.url}/health`)).json());
    expect(health.capture?.paused).toBe(true);
    await server.call('set_capture_settings', {
      paused: false,
      exclude: { folders: [secret], agents: ['gemini-cli'], projects: ['hidden'] },
    });
    await mkdir(join(person, 'hidden'));
    const gemini = {
      session_id: c,
      hook_event_name: 'AfterAgent',
      prompt: 'x',
      prompt_response: 'y',
    };
    await put(
      cursor(c, 'g2', 'beforeSubmitPrompt', { prompt: 'Folder?', workspace_roots: [secret] }),
      cursor(c, 'g3', 'beforeSubmitPrompt', {
        prompt: 'Project?',
        workspace_roots: [join(person, 'hidden')],
      }),
      hookFile('gemini-cli', gemini, { at: tick() }),
      cursor(c, 'g4', 'beforeSubmitPrompt', { prompt: 'Kept?' }),
    );
    await waitFor('cursor', c, [['Kept?', null]]);
    await settled();
    expect((await server.call('get_conversation_stats', {})).stats.totals.messages).toBe(1);
    const { agents } = await server.call('get_capture_health', {});
    expect(agents.find(({ agent }) => agent === 'gemini-cli')?.events).toEqual([]);
  });

  it('is told when the settings cannot be read, and the last good ones hold', async () => {
    await server.call('set_capture_settings', { exclude: { agents: ['cursor'] } });
    await writeFile(join(home, 'capture.json'), '{"paused":');
    const c = randomUUID();
    await put(cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'Excluded?' }));
    await settled();
    const { findings } = await server.call('get_capture_health', {});
    expect(findings.map(({ code }) => code)).toEqual(['settings_malformed']);
    expect(await turnsOf(server, 'cursor', c)).toEqual([]);
  });

  it('secrets and private parts', async () => {
    const c = randomUUID();
    const prompt = 'Use <private>my name</private> and password=hunter2hunter2 please.';
    await put(cursor(c, 'g1', 'beforeSubmitPrompt', { prompt }));
    const [stored] = await until(async () => {
      const turns = await turnsOf(server, 'cursor', c);
      return turns.length === 1 && turns;
    }, 'the turn');
    expect(stored?.prompt).toContain('[private]');
    expect(stored?.prompt).not.toMatch(/hunter2|my name/);
  });
});

describe('the spool', () => {
  it('sets aside what cannot be understood, lists it, and takes it again when asked', async () => {
    const c = randomUUID();
    const bad = hookFile('cursor', '{"hook_event_name":', { at: tick(), id: 'torn' });
    await put(bad, cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'Kept?' }));
    await put(hookFile('vscode', { hookEventName: 'Stop' }, { at: tick(), id: 'nowhere' }));
    await writeFile(join(home, 'spool', '20260101T000000000Z-x.json'), '{"v":1,"kind":"hook"}');
    await waitFor('cursor', c, [['Kept?', null]]);
    const letters = await until(async () => {
      const { dead_letters } = await server.call('list_dead_letters', {});
      return dead_letters.length === 3 && dead_letters;
    }, 'the dead letters');
    expect(letters.map(({ agent, reason }) => [agent, reason])).toEqual([
      [null, expect.stringContaining('not valid')],
      ['cursor', expect.stringContaining('not JSON')],
      ['vscode', expect.stringContaining('names no conversation')],
    ]);
    expect(letters[1]).toMatchObject({ name: bad.name, created_at: bad.entry.created_at });
    const health = await server.call('get_capture_health', {});
    expect(health.spool.dead).toBe(3);
    expect(health.findings.map(({ code }) => code)).toEqual(['dead_letters']);
    const mended = {
      ...bad.entry,
      payload: JSON.stringify({ hook_event_name: 'stop', conversation_id: c }),
    };
    await writeFile(join(home, 'spool', 'dead', bad.name), JSON.stringify(mended));
    const names = [bad.name, '../../token', 'none.json'];
    expect(await server.call('retry_dead_letters', { names })).toEqual({ retried: 1 });
    expect((await server.call('list_dead_letters', {})).dead_letters).toHaveLength(2);
    expect(await server.call('retry_dead_letters', {})).toEqual({ retried: 2 });
    expect((await server.call('list_dead_letters', {})).dead_letters).toHaveLength(2);
    const dead = await readdir(join(home, 'spool', 'dead'));
    expect(dead.filter((name) => name.endsWith('.error.txt'))).toHaveLength(2);
  });

  it('sets nothing aside with its secrets and private parts, and removes it when asked', async () => {
    const secret = `gh${'p_'}${'aB3dE6gH9jK'.repeat(4).slice(0, 36)}`;
    const said = `"token" ${secret}\nand <private>my name</private>`;
    const [torn, nameless] = [
      hookFile('cursor', `{"prompt": "${secret}`, { at: tick(), id: 'torn' }),
      hookFile('vscode', { hookEventName: 'Stop', said, password: 'zebra' }, { at: tick() }),
    ];
    const tool = {
      ...{ v: 1, event_id: randomUUID(), created_at: tick(), tool: 'no_such_tool' },
      ...{ arguments: { query: said }, context: {} },
    };
    await put(torn, nameless);
    await writeFile(join(home, 'spool', 'x-tool.json'), JSON.stringify(tool));
    await writeFile(join(home, 'spool', 'y-text.json'), `no JSON, ${said}`);
    const dead = join(home, 'spool', 'dead');
    const letters = await until(async () => {
      const { dead_letters } = await server.call('list_dead_letters', {});
      return dead_letters.length === 4 && dead_letters;
    }, 'the dead letters');
    await settled();
    const texts = await Promise.all(letters.map(({ name }) => readFile(join(dead, name), 'utf8')));
    for (const text of texts) expect(text).not.toMatch(/ghp_|my name|zebra/);
    const { payload, ...rest } = JSON.parse(await readFile(join(dead, nameless.name), 'utf8'));
    expect({ ...rest, payload: nameless.entry.payload }).toEqual(nameless.entry);
    expect(JSON.parse(payload)).toEqual({
      ...{ hookEventName: 'Stop', password: '[redacted:password]' },
      said: '"token" [redacted:github-token]\nand [private]',
    });
    expect((await readdir(dead)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const names = [torn.name, '../token'];
    expect(await server.call('delete_dead_letters', { names })).toEqual({ deleted: 1 });
    expect(await server.call('delete_dead_letters', {})).toEqual({ deleted: 3 });
    expect(await readdir(dead)).toEqual([]);
  });

  it('keeps a private prompt out that was set aside before', async () => {
    const c = randomUUID();
    const private_ = '<private>all of it</private>';
    const asked = { hook_event_name: 'beforeSubmitPrompt', generation_id: 'g1' };
    const bad = hookFile('cursor', { ...asked, prompt: private_ }, { at: tick() });
    await put(bad);
    const dead = join(home, 'spool', 'dead', bad.name);
    await until(async () => existsSync(dead), 'the dead letter');
    const mended = JSON.parse(await readFile(dead, 'utf8'));
    mended.payload = JSON.stringify({ ...JSON.parse(mended.payload), conversation_id: c });
    expect(mended.payload).toContain('[private]');
    await writeFile(dead, JSON.stringify(mended));
    await put(cursor(c, 'g2', 'beforeSubmitPrompt', { prompt: 'Open.' }));
    await server.call('retry_dead_letters', {});
    await put(cursor(c, 'g1', 'afterAgentResponse', { text: 'What answers it.' }));
    await settled();
    await waitFor('cursor', c, [['Open.', null]]);
  });

  it('is taken in while the server runs, so that the turn is found at once', async () => {
    const c = randomUUID();
    await put(
      cursor(c, 'g1', 'beforeSubmitPrompt', { prompt: 'Where is the zebracorn?' }),
      cursor(c, 'g1', 'afterAgentResponse', { text: 'The zebracorn is in the stable.' }),
      cursor(c, 'g1', 'stop', { status: 'completed' }),
    );
    const found = await until(
      async () => {
        const search = { query: 'zebracorn stable', project: 'shop' };
        // There is no such project before the first turn.
        const answer = await server.call('query_memory', search).catch(() => undefined);
        return answer?.ltst?.items.find(({ content }) => content.includes('in the stable'));
      },
      'the turn to be found',
      5000,
    );
    expect(found.provenance).toBe('hook');
  });

  it('of many entries is taken over a restart, once', async () => {
    const c = randomUUID();
    const expected: string[][] = [];
    const files: HookFile[] = [];
    for (let n = 0; n < 150; n += 1) {
      files.push(
        cursor(c, `g${n}`, 'beforeSubmitPrompt', { prompt: `Question ${n}?` }),
        cursor(c, `g${n}`, 'afterAgentResponse', { text: `Answer ${n}.` }),
      );
      expected.push([`Question ${n}?`, `Answer ${n}.`]);
    }
    await put(...files);
    expect(await server.stop()).toBe(0);
    await put(...files.slice(0, 20));
    await start();
    await waitFor('cursor', c, expected);
  });
});
