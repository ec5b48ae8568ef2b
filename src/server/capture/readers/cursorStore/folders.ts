import { basename, dirname, join } from 'node:path';
import { foldersIn } from '../shared/files.ts';
import { asList, asObject, asText, type Json, parseJson } from '../shared/json.ts';
import {
  storageFolderOf,
  type Workspace,
  workspaceOf,
  workspaceOfUri,
} from '../shared/workspaces.ts';
import { KeyValues, readSchema } from '../sqlite/keyValues.ts';
import { Store } from '../sqlite/store.ts';

const NOWHERE: Workspace = { cwd: null, project: null };

/**
 * Where the conversations of one store were held. Newer conversations say so themselves; for older
 * ones the stores of the single workspaces list which conversations are theirs, and these are only
 * opened when such a one turns up.
 */
export class Folders {
  /** Folder with one storage folder for each workspace. */
  readonly #storage: string;
  readonly #own: string | null;
  readonly #hint: string | null;
  readonly #byId = new Map<string, Promise<Workspace>>();
  #listed: Promise<Map<string, string>> | null = null;

  /** @param hint the folder that the source names */
  constructor(store: string, hint: string | null) {
    this.#own = storageFolderOf(store);
    this.#hint = hint;
    this.#storage = join(dirname(dirname(store)), 'workspaceStorage');
  }

  /** Of a conversation, from its data, its entry in the list of conversations, and its messages. */
  async of(id: string, about: Json[], workspaceUris: string[]): Promise<Workspace> {
    for (const { workspaceIdentifier } of about) {
      const place = await this.#identified(asObject(workspaceIdentifier));
      if (isSomewhere(place)) return place;
    }
    for (const { workspaceUri } of about) {
      const place = workspaceOfUri(asText(workspaceUri) ?? '');
      if (isSomewhere(place)) return place;
    }
    if (this.#own) return this.ofWorkspace();
    const listed = (await this.#list()).get(id);
    if (listed) return this.#storedIn(listed);
    const [uri] = workspaceUris;
    if (uri) return workspaceOfUri(uri);
    return { ...NOWHERE, cwd: this.#hint };
  }

  /** Of everything in a store that belongs to one workspace. */
  async ofWorkspace(): Promise<Workspace> {
    const place = this.#own ? await this.#storedIn(this.#own) : NOWHERE;
    return isSomewhere(place) ? place : { ...NOWHERE, cwd: this.#hint };
  }

  async #identified(identifier: Json): Promise<Workspace> {
    const uri = asObject(identifier.uri);
    const external = asText(uri.external);
    if (external) return workspaceOfUri(external);
    const scheme = asText(uri.scheme) ?? 'file';
    const path = asText(uri.fsPath) ?? asText(uri.path);
    if (path && scheme === 'file') {
      // Windows writes the letter of a drive in both cases: the same folder has one name here.
      return { ...NOWHERE, cwd: path.replace(/^[a-z]:/, (drive) => drive.toUpperCase()) };
    }
    if (path) return workspaceOfUri(`${scheme}://${asText(uri.authority) ?? ''}${path}`);
    const id = asText(identifier.id);
    // A name, not a path: what is read must not lead out of the folder.
    return id && basename(id) === id && id !== '..'
      ? this.#storedIn(join(this.#storage, id))
      : NOWHERE;
  }

  #storedIn(folder: string): Promise<Workspace> {
    const known = this.#byId.get(folder) ?? workspaceOf(folder);
    this.#byId.set(folder, known);
    return known;
  }

  #list(): Promise<Map<string, string>> {
    this.#listed ??= listWorkspaces(this.#storage);
    return this.#listed;
  }
}

/** The storage folder of each conversation that a workspace lists as its own. */
async function listWorkspaces(storage: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of await foldersIn(storage)) {
    for (const id of await listedIn(join(folder, 'state.vscdb'))) {
      if (!found.has(id)) found.set(id, folder);
    }
  }
  return found;
}

async function listedIn(path: string): Promise<string[]> {
  try {
    const value = await new Store(path).read((pages) =>
      KeyValues.find(pages, readSchema(pages), 'ItemTable')?.value('composer.composerData'),
    );
    const data = asObject(value ? parseJson(value.toString()) : undefined);
    const all = asList(data.allComposers).map((entry) => asText(asObject(entry).composerId));
    const selected = asList(data.selectedComposerIds).map(asText);
    return [...all, ...selected].filter((id) => id !== null);
  } catch {
    // It is a source of its own, which says what is wrong with it; here it only knows no folder.
    return [];
  }
}

const isSomewhere = ({ cwd, project }: Workspace) => cwd !== null || project !== null;
