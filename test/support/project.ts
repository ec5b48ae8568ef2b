import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CallContext } from '../../src/contracts/context.ts';

export type TestProject = {
  root: string;
  context: CallContext;
  write(place: string, text: string): Promise<string>;
  read(place: string): Promise<string>;
  remove(): Promise<void>;
};

/** A folder with files, as the context of calls. */
export async function testProject(name: string): Promise<TestProject> {
  const root = await realpath(await mkdtemp(join(tmpdir(), `turnkeep-${name}-`)));
  return {
    root,
    context: { project: { key: `path:${root}`, name, root }, origin: 'test', client: 'test' },
    async write(place, text) {
      const file = join(root, place);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    },
    read: (place) => readFile(join(root, place), 'utf8').catch(() => ''),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Whether a process is there and no zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that nobody has waited for is over all the same.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(stat);
}
