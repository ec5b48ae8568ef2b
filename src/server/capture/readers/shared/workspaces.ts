import { readFile } from 'node:fs/promises';
import { basename, dirname, join, posix, win32 } from 'node:path';
import { parse } from 'jsonc-parser/lib/esm/main.js';
import type { ProjectRef } from '../../../../contracts/context.ts';
import { asList, asObject, asText } from './json.ts';

/** Where a workspace is: a folder here, or the name of one that is on another machine. */
export type Workspace = { cwd: string | null; project: ProjectRef | null };

const NOWHERE: Workspace = { cwd: null, project: null };

/**
 * The path that a `file://` address stands for, in the form of the system that wrote it:
 * `/home/x`, `C:\x`, `\\server\share\x`. Null for another address.
 */
export function pathOfFileUri(uri: string): string | null {
  const match = /^file:\/\/([^/]*)(\/[^?#]*)?/i.exec(uri);
  if (!match) return null;
  const path = decoded(match[2] ?? '/');
  const drive = /^\/([a-z]):(.*)$/i.exec(path);
  if (drive) return `${drive[1]?.toUpperCase()}:${(drive[2] || '/').replaceAll('/', '\\')}`;
  return match[1] && match[1] !== 'localhost'
    ? `\\\\${match[1]}${path.replaceAll('/', '\\')}`
    : path;
}

/** Where the folder of an address is: here, or, for `vscode-remote://…`, a project by its name. */
export function workspaceOfUri(uri: string): Workspace {
  const path = pathOfFileUri(uri);
  if (path !== null) return { cwd: path, project: null };
  const remote = /^[\w.+-]+:\/\/([^/]*)(\/[^?#]*)?/.exec(uri);
  if (!remote) return NOWHERE;
  const folder = posix.basename(decoded(remote[2] ?? '')) || 'home';
  const name = `${folder} (${decoded(remote[1] ?? '')})`.slice(0, 200);
  return { cwd: null, project: { key: `name:${name}`, name } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Where the person worked, from the `workspace.json` of an editor's storage folder. Of a workspace
 * of several folders it is the first one. Nowhere when the file is missing or says nothing.
 */
export async function workspaceOf(storageFolder: string): Promise<Workspace> {
  const text = await readFile(join(storageFolder, 'workspace.json'), 'utf8').catch(() => '');
  const about = asObject(parse(text));
  const folder = asText(about.folder);
  if (folder) return workspaceOfUri(folder);
  const file = asText(about.workspace) ?? asText(asObject(about.workspace).configPath);
  if (!file) return NOWHERE;
  const place = workspaceOfUri(file);
  if (place.cwd === null) return place;
  return { cwd: await firstFolder(place.cwd), project: null };
}

async function firstFolder(workspaceFile: string): Promise<string | null> {
  const text = await readFile(workspaceFile, 'utf8').catch(() => null);
  if (text === null) return null;
  const first = asObject(asList(asObject(parse(text)).folders)[0]);
  const uri = asText(first.uri);
  if (uri) return workspaceOfUri(uri).cwd;
  const path = asText(first.path);
  const here = /^[a-z]:|^\\\\/i.test(workspaceFile) ? win32 : posix;
  return path === null ? null : here.resolve(here.dirname(workspaceFile), path);
}

/** The storage folder that a file of an editor lies in, by the path alone; null for another file. */
export function storageFolderOf(path: string): string | null {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(dirname(folder)) === 'workspaceStorage') return folder;
  }
  return null;
}
