import type { ClientChunk } from './clientChunk.ts';

let loaded: ClientChunk | undefined;

/** The lazily loaded half of the extension (about 30 ms the first time). */
export function client(): ClientChunk {
  loaded ??= (require('./client.cjs') as { clientChunk: ClientChunk }).clientChunk;
  return loaded;
}
