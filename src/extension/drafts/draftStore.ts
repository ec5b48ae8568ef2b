import { randomBytes } from 'node:crypto';
import type { Memento } from 'vscode';
import { type DraftContent, type DraftKind, renderDraft } from './draftText.ts';

/** A draft: `text` is its Markdown as last typed, whether or not it was saved. */
export type Draft = { id: string; kind: DraftKind; text: string; changed: number };

const PREFIX = 'turnkeep.draft:';

/** Drafts outlive a window reload; one entry each, so that two windows do not overwrite another's. */
export class DraftStore {
  constructor(private readonly memory: Memento) {}

  async create(kind: DraftKind, content: DraftContent): Promise<Draft> {
    const id = randomBytes(3).toString('hex');
    const draft = { id, kind, text: renderDraft(kind, id, content), changed: Date.now() };
    await this.memory.update(PREFIX + id, draft);
    return draft;
  }

  get(id: string): Draft | undefined {
    return this.memory.get<Draft>(PREFIX + id);
  }

  /** Drafts that were neither captured nor discarded, last changed first. */
  list(): Draft[] {
    return this.memory
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => this.memory.get<Draft>(key) ?? [])
      .sort((one, other) => other.changed - one.changed);
  }

  async write(id: string, text: string): Promise<void> {
    const draft = this.get(id);
    if (!draft || draft.text === text) return;
    await this.memory.update(PREFIX + id, { ...draft, text, changed: Date.now() });
  }

  async remove(id: string): Promise<void> {
    await this.memory.update(PREFIX + id, undefined);
  }
}
