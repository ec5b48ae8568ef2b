import { type FSWatcher, watch } from 'node:fs';

/** Some file systems (shared, mounted) report no changes: the folder is also looked at this often. */
const POLL_MS = 400;
/** A watch that failed is tried again after this. */
const AGAIN_MS = 10_000;

/** Tells when something may have come into a folder; it keeps no process alive. */
export class FolderWatch {
  private readonly folder: string;
  private readonly onChange: () => void;
  private watcher: FSWatcher | null = null;
  private poll: NodeJS.Timeout | undefined;
  private lastTry = 0;

  constructor(folder: string, onChange: () => void) {
    this.folder = folder;
    this.onChange = onChange;
  }

  start(): void {
    this.watch();
    this.poll = setInterval(() => {
      if (!this.watcher && Date.now() - this.lastTry > AGAIN_MS) this.watch();
      this.onChange();
    }, POLL_MS);
    this.poll.unref();
  }

  stop(): void {
    clearInterval(this.poll);
    this.watcher?.close();
    this.watcher = null;
  }

  private watch(): void {
    this.lastTry = Date.now();
    try {
      const watcher = watch(this.folder, { persistent: false }, () => this.onChange());
      watcher.on('error', () => {
        watcher.close();
        if (this.watcher === watcher) this.watcher = null;
      });
      this.watcher = watcher;
    } catch {
      // The folder is not there, or the system has no watches left: the poll goes on.
      this.watcher = null;
    }
  }
}
