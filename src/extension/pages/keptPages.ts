import { randomUUID } from 'node:crypto';

const MOST = 20;

/** Texts that are shown and stored nowhere, such as what a search gave: the last twenty of them. */
export class KeptPages {
  private readonly pages = new Map<string, string>();

  /** Keeps a text; gives its id, which no other window or earlier start has given. */
  keep(text: string): string {
    const id = randomUUID().slice(0, 13);
    this.pages.set(id, text);
    const [oldest] = this.pages.keys();
    if (this.pages.size > MOST && oldest) this.pages.delete(oldest);
    return id;
  }

  /** The text of an id. Throws when it is gone, with what to do. */
  read(id: string): string {
    const text = this.pages.get(id);
    if (text === undefined) throw new Error('This page is gone. Run the command again.');
    return text;
  }
}
