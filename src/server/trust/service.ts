import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import { TurnkeepError } from '../../contracts/errors.ts';
import { type TrustedFolder, trustedFolderSchema } from '../../contracts/trustTools.ts';
import { isNetworkPath } from '../../project/folder.ts';
import { writePrivate } from '../auth/privateFile.ts';
import { checkSpelling, namedPath } from '../platform/paths.ts';

const fileSchema = z.object({ v: z.literal(1), folders: z.array(trustedFolderSchema) });
const MAX_FOLDERS = 1000;

/**
 * The folders whose scripts the server may run, in `trusted.json` of the home (0600). The file is
 * read each time, so that what a person takes out of it by hand holds at once.
 */
export class Trust {
  readonly #file: string;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * @throws TurnkeepError `conflict` for a malformed file, or one that others can write: then nothing
   *   is trusted.
   */
  async list(): Promise<TrustedFolder[]> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
      await this.#requireOwn();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text)).folders;
    } catch (cause) {
      throw new TurnkeepError(
        'conflict',
        `${this.#file} is not as Turnkeep writes it, so no folder is trusted. Mend it, or delete it and trust your folders again with \`turnkeep trust\`.`,
        { cause },
      );
    }
  }

  /**
   * Trusts a folder and what is below it. The editor's word does not go over the person's.
   * @throws TurnkeepError `invalid_request` for a path that is no folder, or a whole drive.
   */
  async add(
    folder: string,
    by: TrustedFolder['by'],
  ): Promise<{ folder: string; trusted: boolean }> {
    const path = await realpath(await namedPath(folder, 'folder', ['folder']));
    if (dirname(path) === path || isNetworkPath(path)) {
      throw new TurnkeepError(
        'invalid_request',
        'A whole drive, or a folder of another computer, is not trusted. Name the folder of the project.',
        { fields: [{ path: 'folder', message: 'A folder of a project is expected.' }] },
      );
    }
    return this.#change((folders) => {
      const known = folders.find((entry) => entry.folder === path);
      if (known && (by === 'editor' || known.trusted)) {
        return { folders, answer: { folder: path, trusted: known.trusted } };
      }
      const others = folders.filter((entry) => entry !== known);
      if (others.length >= MAX_FOLDERS) {
        throw new TurnkeepError('conflict', `${MAX_FOLDERS} folders are listed already.`);
      }
      const added = { folder: path, trusted: true, by, at: new Date().toISOString() };
      return { folders: [...others, added], answer: { folder: path, trusted: true } };
    });
  }

  /** Takes the trust in a folder back; it may be gone by now. What is above it stays as it is. */
  async remove(folder: string): Promise<{ folder: string; trusted: boolean }> {
    checkSpelling(folder, 'folder');
    const path = await realpath(folder).catch(() => resolve(folder));
    return this.#change((folders) => {
      const others = folders.filter((entry) => entry.folder !== path);
      const taken = {
        ...{ folder: path, trusted: false, by: 'person' as const },
        at: new Date().toISOString(),
      };
      return { folders: [...others, taken], answer: { folder: path, trusted: false } };
    });
  }

  /**
   * Lets a folder pass in which something is to be run: of the entries that hold it the nearest
   * decides.
   * @param root the real path of the folder
   * @throws TurnkeepError `refused` naming the command that trusts it.
   */
  async require(root: string): Promise<void> {
    const [nearest] = (await this.list())
      .filter((entry) => holds(entry.folder, root))
      .sort((a, b) => b.folder.length - a.folder.length);
    if (nearest?.trusted) return;
    throw new TurnkeepError(
      'refused',
      `Scripts run in trusted folders alone, and ${root} is none. If you trust what is in it: turnkeep trust "${root}". An editor in which the workspace is trusted does this by itself.`,
    );
  }

  async #requireOwn(): Promise<void> {
    if (process.platform === 'win32' || ((await stat(this.#file)).mode & 0o022) === 0) return;
    throw new TurnkeepError(
      'conflict',
      `Others can write ${this.#file}, so no folder is trusted. Look at what is in it, then: chmod 600 ${this.#file}`,
    );
  }

  #change<R>(
    change: (folders: TrustedFolder[]) => { folders: TrustedFolder[]; answer: R },
  ): Promise<R> {
    const next = this.#writing.then(async () => {
      const before = await this.list();
      const { folders, answer } = change(before);
      if (folders !== before) await writePrivate(this.#file, { v: 1, folders });
      return answer;
    });
    this.#writing = next.catch(() => undefined);
    return next;
  }
}

function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way.split(/[\\/]/)[0] === '..' || isAbsolute(way));
}
