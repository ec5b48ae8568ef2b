import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AGENTS } from '../../src/contracts/observed.ts';
import { chances, conversationsOfDay, type DayTurn, turnsOfDay } from '../support/day.ts';
import { putHooks, turnsOf } from '../support/hooks.ts';
import {
  makeHome,
  removeHome,
  startTestServer,
  type TestServer,
  until,
} from '../support/server.ts';
import { writeTranscript } from '../support/transcripts.ts';

const TURNS = 500;
const AT_ONCE = 25;

let person: string;
let home: string;
let server: TestServer | undefined;
beforeEach(async () => {
  person = await makeHome();
  home = join(person, '.turnkeep');
  await mkdir(home);
});
afterEach(async () => {
  await server?.stop();
  await removeHome(person);
});

const start = () => startTestServer({ home, env: { HOME: person, USERPROFILE: person } });

/** Lets turns happen: the agents write their transcripts, and the hooks that were not lost ran. */
async function happen(turns: DayTurn[]): Promise<void> {
  for (let from = 0; from < turns.length; from += AT_ONCE) {
    const some = turns.slice(from, from + AT_ONCE);
    for (const { in: conversation, turn } of some) conversation.told.turns.push(turn);
    for (const { agent, told } of new Set(some.map((one) => one.in))) {
      const last = told.turns.at(-1)?.at ?? '';
      await writeTranscript(person, agent, told, new Date(Date.parse(last) + 20_000));
    }
    await putHooks(
      home,
      some.flatMap(({ files }) => files),
    );
  }
}

const spoolIsEmpty = () =>
  until(
    async () => (await readdir(join(home, 'spool'))).every((name) => !name.endsWith('.json')),
    'the spool',
    120_000,
  );

it.each([7, 23])(
  'a day of five agents ends with the turns that happened (seed %i)',
  async (seed) => {
    const chance = chances(seed);
    const conversations = conversationsOfDay(person);
    const day = turnsOfDay(person, conversations, TURNS, Date.now() - 10 * 3_600_000, chance);
    const third = Math.ceil(TURNS / 3);
    await writeFile(join(home, 'capture.json'), JSON.stringify({ watch: AGENTS }));

    server = await start();
    await happen(day.slice(0, third));
    await spoolIsEmpty();
    await server.stop();
    await happen(day.slice(third, 2 * third));
    server = await start();
    await happen(day.slice(2 * third));
    await spoolIsEmpty();

    const expected = conversations.map(({ agent, told }) => ({
      name: `${agent}/${told.conversation}`,
      turns: told.turns.map(({ prompt, parts, status }) => ({
        prompt,
        answer: parts.join('\n\n'),
        aborted: status === 'aborted',
      })),
    }));
    const { call } = server;
    const running = server;
    const stored = () =>
      Promise.all(
        conversations.map(async ({ agent, told }) => ({
          name: `${agent}/${told.conversation}`,
          turns: (await turnsOf(running, agent, told.conversation)).map(
            ({ prompt, answer, status }) => ({ prompt, answer, aborted: status === 'aborted' }),
          ),
        })),
      );
    const isSame = async () => JSON.stringify(await stored()) === JSON.stringify(expected);
    await until(isSame, 'every turn', 60_000).catch(() => undefined);
    const found = new Map((await stored()).map(({ name, turns }) => [name, turns]));
    const wrong = expected.filter(
      ({ name, turns }) => JSON.stringify(found.get(name)) !== JSON.stringify(turns),
    );
    // By name alone: 500 turns are too many to be read.
    expect(wrong.map(({ name }) => name)).toEqual([]);
    const { projects } = await call('list_projects', {});
    expect(projects.map(({ name, session_count }) => [name, session_count]).sort()).toEqual([
      ['shop', 10],
      ['site', 10],
      ['tools', 10],
    ]);
    const health = await call('get_capture_health', {});
    expect(health.spool).toEqual({ waiting: 0, dead: 0 });
    expect(health.agents.flatMap(({ findings }) => findings)).toEqual([]);
  },
  400_000,
);
