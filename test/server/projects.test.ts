import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallContext, ProjectRef } from '../../src/contracts/context.ts';
import { folderAt } from '../../src/project/folder.ts';
import { pathKey, resolveProject } from '../../src/project/identity.ts';
import { personOf } from '../../src/server/auth/service.ts';
import { captureTurns } from '../../src/server/conversations/capture.ts';
import { importLines } from '../../src/server/conversations/importing.ts';
import { currentSession } from '../../src/server/conversations/sessions.ts';
import type { Database } from '../../src/server/database/database.ts';
import { moveIndexed, queryMemory } from '../../src/server/memory/service.ts';
import { findKnownProject, findProject } from '../../src/server/projects/service.ts';
import { projectTools } from '../../src/server/projects/tools.ts';
import { engines, type Opened, openEmpty } from '../store/support.ts';

const call = {
  principal: personOf('test'),
  context: {},
  idempotencyKey: undefined,
  signal: undefined,
  at: undefined,
};

const PERSON = 'someone';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'turnkeep-projects-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A new folder of its own for a test, with sub-folders. */
async function place(...names: string[]): Promise<string[]> {
  const base = join(folder, randomUUID());
  await mkdir(base);
  const paths = names.map((name) => join(base, name));
  return paths;
}

async function makeRepository(root: string, remote?: string): Promise<void> {
  await mkdir(join(root, '.git'), { recursive: true });
  await writeFile(join(root, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  await setRemote(root, remote);
}

async function setRemote(root: string, remote?: string): Promise<void> {
  const text = remote ? `[remote "origin"]\n\turl = ${remote}\n` : '';
  await writeFile(join(root, '.git', 'config'), `[core]\n\tbare = false\n${text}`);
}

describe.each(engines)('projects on %s', (engine) => {
  let opened: Opened;
  let db: Database;
  beforeAll(async () => {
    opened = await openEmpty(engine);
    db = opened.db;
  });
  afterAll(() => opened.end());

  const contextOf = (project: ProjectRef, origin = 'cli'): CallContext => ({ project, origin });

  /** Captures a turn as the CLI does in a folder. */
  async function capture(project: ProjectRef, text: string, origin = 'cli') {
    const source = {
      person: PERSON,
      context: contextOf(project, origin),
      at: new Date().toISOString(),
      eventId: undefined,
    };
    return captureTurns(
      db,
      source,
      [{ query: text, response: `Answer to ${text}`, metadata: {}, eventId: undefined }],
      null,
    );
  }

  const captureIn = async (cwd: string, text = 'a question') =>
    capture(await resolveProject({ cwd }), text);

  const projectOf = async (sessionId: string) => {
    const row = await db.read
      .selectFrom('conversation_sessions as s')
      .innerJoin('projects as p', 'p.project_id', 's.project_id')
      .select(['p.project_id', 'p.key', 'p.name', 'p.root'])
      .where('s.session_id', '=', sessionId)
      .executeTakeFirstOrThrow();
    return row;
  };

  const search = async (project: ProjectRef, query: string) => {
    const answer = await queryMemory(db, { query }, contextOf(project));
    return answer.ltst?.items.map((item) => item.content) ?? [];
  };

  it('a renamed folder stays its project and session, and is found before the next capture', async () => {
    const [before = '', after = '', last = ''] = await place('before', 'after', 'last');
    await mkdir(before);
    const first = await captureIn(before, 'where is the lighthouse');
    await rename(before, after);
    const renamed = await resolveProject({ cwd: after });
    expect(await search(renamed, 'lighthouse')).toContain('where is the lighthouse');
    expect((await currentSession(db, PERSON, contextOf(renamed)))?.session_id).toBe(
      first.session_id,
    );
    const second = await captureIn(after);
    expect(second.session_id).toBe(first.session_id);
    expect(await projectOf(second.session_id)).toMatchObject({
      key: pathKey(before),
      name: 'before',
      root: after,
    });
    await rename(after, last);
    expect((await captureIn(last)).session_id).toBe(first.session_id);
    for (const path of [before, after, last]) {
      const { project_id } = await findProject(db, pathKey(path));
      expect(project_id).toBe((await projectOf(first.session_id)).project_id);
    }
  });

  it('a folder in the place of one that moved away is another project', async () => {
    const [here = '', there = ''] = await place('here', 'there');
    await mkdir(here);
    const old = await captureIn(here);
    await rename(here, there);
    await captureIn(there);
    await mkdir(here);
    const other = await captureIn(here);
    expect(other.session_id).not.toBe(old.session_id);
    expect(await projectOf(other.session_id)).toMatchObject({ key: pathKey(here), root: here });
    expect(await projectOf(old.session_id)).toMatchObject({ key: pathKey(there), root: there });
    expect((await captureIn(there)).session_id).toBe(old.session_id);
    expect((await captureIn(here)).session_id).toBe(other.session_id);
  });

  it('a folder whose old place is taken is not guessed to be the old project', async () => {
    const [here = '', there = ''] = await place('here', 'there');
    await mkdir(here);
    const old = await captureIn(here);
    await rename(here, there);
    await mkdir(here);
    expect((await captureIn(there)).session_id).not.toBe(old.session_id);
  });

  it('a stranger with the inode of a removed folder is another project', async () => {
    const [gone = '', stranger = ''] = await place('gone', 'stranger');
    await mkdir(gone);
    const old = await captureIn(gone);
    await rm(gone, { recursive: true });
    await new Promise((done) => setTimeout(done, 20));
    await mkdir(stranger);
    // Whatever inode the file system gave it, the database knows the old folder by this one.
    const folder_id = (await folderAt(stranger))?.id ?? null;
    const { project_id } = await projectOf(old.session_id);
    await db.write((tx) => tx.update('projects', { project_id }, { folder_id }));
    expect((await captureIn(stranger)).session_id).not.toBe(old.session_id);
  });

  it('a repository keeps its project when it gets a remote, and when that is renamed', async () => {
    const [root = ''] = await place('app');
    await makeRepository(root);
    const first = await captureIn(root);
    await setRemote(root, 'git@git.example:team/app.git');
    expect((await captureIn(root)).session_id).toBe(first.session_id);
    await setRemote(root, 'https://git.example/other-team/app.git');
    expect((await captureIn(root)).session_id).toBe(first.session_id);
    const [clone = ''] = await place('clone');
    await makeRepository(clone, 'git@git.example:Other-Team/App.git');
    expect((await captureIn(clone)).session_id).toBe(first.session_id);
  });

  it('a repository that was last used in a worktree is known when its remote changes', async () => {
    const [root = '', tree = ''] = await place('trunk', 'tree');
    await makeRepository(root, 'git@git.example:w/trunk.git');
    const gitFolder = join(root, '.git', 'worktrees', 'tree');
    await mkdir(gitFolder, { recursive: true });
    await writeFile(join(gitFolder, 'commondir'), '../..\n');
    await mkdir(tree);
    await writeFile(join(tree, '.git'), `gitdir: ${gitFolder}\n`);
    const first = await captureIn(tree);
    expect((await captureIn(root)).session_id).toBe(first.session_id);
    await captureIn(tree);
    await setRemote(root, 'git@git.example:w/renamed.git');
    expect((await captureIn(root)).session_id).toBe(first.session_id);
    await setRemote(root);
    expect((await captureIn(tree)).session_id).toBe(first.session_id);
  });

  it('two projects that both exist are never made one', async () => {
    const [one = '', two = ''] = await place('one', 'two');
    await makeRepository(one, 'git@git.example:x/one.git');
    await makeRepository(two, 'git@git.example:x/two.git');
    const first = await captureIn(one);
    const second = await captureIn(two);
    await setRemote(two, 'git@git.example:x/one.git');
    expect((await captureIn(two)).session_id).toBe(first.session_id);
    expect(await projectOf(second.session_id)).toMatchObject({ key: 'git:git.example/x/two' });
    const fork = await place('fork');
    await makeRepository(fork[0] ?? '', 'git@git.example:y/one.git');
    expect((await captureIn(fork[0] ?? '')).session_id).not.toBe(first.session_id);
  });

  it('finds a repository that was stored with capitals, its open session too', async () => {
    const key = 'git:git.example/Team/Capitals';
    const old = await capture({ key, name: 'Capitals' }, 'early');
    const now = await capture({ key: key.toLowerCase(), name: 'Capitals' }, 'late');
    expect(now.session_id).toBe(old.session_id);
    expect((await findKnownProject(db, key.toLowerCase()))?.name).toBe('Capitals');
  });

  it('renames a project, which keeps its name at the next capture', async () => {
    const project = { key: `name:${randomUUID()}`, name: 'plain' };
    await capture(project, 'a question');
    const tools = projectTools(db, moveIndexed);
    const name = `Shop ${randomUUID()}`;
    const renamed = await tools.rename_project({ project: project.key, name: ` ${name} ` }, call);
    expect(renamed).toMatchObject({ key: project.key, name, aliases: [] });
    const { session_id } = await capture(project, 'again');
    expect((await projectOf(session_id)).name).toBe(name);
    await expect(
      tools.rename_project({ project: project.key, name: '  ' }, call),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(
      tools.rename_project({ project: 'nowhere', name: 'x' }, call),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('merges: sessions, search, terms, conflicts, and what is captured afterwards', async () => {
    const word = `merging${randomUUID().replaceAll(/[^a-z]/g, '')}`;
    const from = { key: `path:/old/${word}`, name: 'old', root: `/old/${word}` };
    const into = { key: `git:git.example/t/${word}`, name: word };
    const kept = await capture(into, 'into open', 'window:a');
    const closed = await capture(from, `we will use ${word} for the harbour`, 'window:a');
    const moved = await capture(from, 'another window', 'window:b');
    const lines = (content: string) => [
      { session: 'same', role: 'user' as const, content, occurrence: 1 },
    ];
    await importLines(db, { person: PERSON, fallback: from }, lines('from import'));
    await importLines(db, { person: PERSON, fallback: into }, lines('into import'));
    for (let index = 0; index < 450; index += 1) await capture(from, `${word} ${index}`);
    const terms = async () => {
      const rows = await db.read
        .selectFrom('memory_terms as t')
        .innerJoin('projects as p', (join) =>
          join.on(sql<boolean>`t.project = memory_key(p.project_id)`),
        )
        .select(['p.key', 't.messages'])
        .where(sql<boolean>`t.term = memory_key('#messages')`)
        .where('p.key', 'in', [from.key, into.key])
        .execute();
      return Object.fromEntries(rows.map((row) => [row.key, Number(row.messages)]));
    };
    expect(await terms()).toEqual({ [from.key]: 905, [into.key]: 3 });

    const tools = projectTools(db, moveIndexed);
    const merged = await tools.merge_projects({ from: from.key, into: into.key }, call);
    expect(merged).toMatchObject({ key: into.key, name: word, aliases: [from.key] });

    expect(await terms()).toEqual({ [into.key]: 908 });
    const sessions = await db.read
      .selectFrom('conversation_sessions')
      .select(['session_id', 'status', 'origin', 'external_id'])
      .where('project_id', '=', merged.project_id)
      .execute();
    const statusOf = new Map(sessions.map((row) => [row.session_id, row.status]));
    expect(statusOf.get(moved.session_id)).toBe('open');
    const both = [kept.session_id, closed.session_id].map((id) => statusOf.get(id));
    expect(both).toEqual(['closed', 'open']);
    const names = sessions.flatMap((row) => row.external_id ?? []).sort();
    expect(names).toEqual(['same', expect.stringMatching(/^same \(.{36}\)$/)]);
    expect(await search(into, `${word} harbour`)).toContain(`we will use ${word} for the harbour`);
    const insights = await db.read
      .selectFrom('memory_insights')
      .select(['project_id', 'text'])
      .where('text', 'like', `%${word} for the harbour%`)
      .execute();
    expect(new Set(insights.map((row) => row.project_id))).toEqual(new Set([merged.project_id]));

    const later = await capture(from, 'after the merge', 'window:c');
    expect((await projectOf(later.session_id)).key).toBe(into.key);
    expect((await projectOf(later.session_id)).root).toBe(from.root);
    await expect(
      tools.merge_projects({ from: from.key, into: into.key }, call),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await findProject(db, from.key)).project_id).toBe(merged.project_id);
  });

  it('goes on with a merge that was stopped in the middle', async () => {
    const from = { key: `name:${randomUUID()}`, name: 'from' };
    const into = { key: `name:${randomUUID()}`, name: 'into' };
    await capture(into, 'one');
    for (let index = 0; index < 120; index += 1) await capture(from, `number ${index}`);
    let pages = 0;
    const failing = projectTools(db, async (tx, projectId) => {
      pages += 1;
      if (pages > 1) throw new Error('the power went');
      return moveIndexed(tx, projectId);
    });
    const input = { from: from.key, into: into.key };
    await expect(failing.merge_projects(input, call)).rejects.toThrow('the power went');
    const merged = await projectTools(db, moveIndexed).merge_projects(input, call);
    const left = await db.read
      .selectFrom('memory_index')
      .select(({ fn }) => ['project_id', fn.countAll<string>().as('n')])
      .where('project_id', '=', merged.project_id)
      .groupBy('project_id')
      .execute();
    expect(left.map((row) => Number(row.n))).toEqual([242]);
    expect(
      await db.read.selectFrom('projects').select('key').where('key', '=', from.key).execute(),
    ).toEqual([]);
  });
});
