import { closeSync, fsyncSync, openSync } from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Options = Parameters<NodeFS['init']>[1];
type Stream = { nfd?: number; node: unknown };
type NodeBackend = {
  stream_ops: { fsync?: (stream: Stream) => number };
  realPath(node: unknown): string;
};

/**
 * PGlite's file system on a folder, with an fsync that reaches the disk; PGlite's own does nothing.
 * With `fsync=on` the write-ahead log is then on disk before the pages that it describes, so that a
 * power cut leaves a folder that opens.
 */
export class DurableFs extends NodeFS {
  override async init(...[pg, options]: Parameters<NodeFS['init']>) {
    return super.init(pg, { ...options, preRun: [...(options.preRun ?? []), addFsync] });
  }
}

const addFsync: NonNullable<Options['preRun']>[number] = (module) => {
  const backend = module.FS.filesystems.NODEFS as unknown as NodeBackend;
  backend.stream_ops.fsync = (stream) => {
    if (stream.nfd !== undefined) fsyncSync(stream.nfd);
    else fsyncFolder(backend.realPath(stream.node));
    return 0;
  };
};

/** Makes created and renamed entries of a folder durable. Windows cannot, and does not need it. */
function fsyncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
