import { copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { syncDirectory } from '../pglite/template.ts';
import { parseSegment, type SegmentContent } from './records.ts';

const SEGMENT = /^(\d{8,})\.jsonl$/;
const CARRIED = /^carried-(\d{8,})\.jsonl$/;

/** The folder of the journal: `<number>.jsonl`, oldest first; `carried-…` waits for a restore. */
export class SegmentFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Numbers of the live segments, ascending. */
  async list(): Promise<number[]> {
    return this.#numbers(SEGMENT);
  }

  /** Numbers of the segments that are kept for a later restore. */
  async listCarried(): Promise<number[]> {
    return this.#numbers(CARRIED);
  }

  file(number: number): string {
    return join(this.path, `${String(number).padStart(8, '0')}.jsonl`);
  }

  carriedFile(number: number): string {
    return join(this.path, `carried-${String(number).padStart(8, '0')}.jsonl`);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  async read(file: string): Promise<SegmentContent> {
    return parseSegment(await readFile(file));
  }

  async size(number: number): Promise<number> {
    return (await stat(this.file(number))).size;
  }

  /** Removes segments up to and including `last`. */
  async removeThrough(last: number): Promise<void> {
    const old = (await this.list()).filter((number) => number <= last);
    for (const number of old) await rm(this.file(number), { force: true });
    if (old.length > 0) await syncDirectory(this.path);
  }

  /** Keeps a copy of a segment for a later restore. */
  async carry(number: number): Promise<void> {
    await copyFile(this.file(number), this.carriedFile(number));
  }

  /** Removes what waits for a restore. */
  async removeCarried(): Promise<void> {
    const carried = await this.listCarried();
    for (const number of carried) await rm(this.carriedFile(number), { force: true });
    if (carried.length > 0) await syncDirectory(this.path);
  }

  async #numbers(pattern: RegExp): Promise<number[]> {
    const names = await readdir(this.path).catch((error: unknown): string[] => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    return names
      .flatMap((name) => {
        const digits = pattern.exec(name)?.[1];
        return digits === undefined ? [] : [Number(digits)];
      })
      .sort((a, b) => a - b);
  }
}
