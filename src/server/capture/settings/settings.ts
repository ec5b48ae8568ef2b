import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { z } from 'zod';
import {
  type CaptureSettings,
  captureSettingsSchema,
  type setCaptureSettingsInput,
} from '../../../contracts/capture.ts';
import { TurnkeepError } from '../../../contracts/errors.ts';

export type SettingsPatch = z.infer<typeof setCaptureSettingsInput>;

/** Settings of a home without a file: everything that is installed is captured. */
export const DEFAULT_SETTINGS: CaptureSettings = captureSettingsSchema.parse({});

/**
 * `capture.json` in the home. It is read again whenever it has changed, so that a pause or an
 * exclusion written by another program holds from the next entry on. A file that cannot be
 * understood changes nothing: the last good settings stay in use, also over a restart, and
 * `problem` says what is wrong.
 */
export class SettingsStore {
  /** What is wrong with the file, for people; null when nothing is. */
  problem: string | null = null;
  private readonly file: string;
  private readonly apply: (settings: CaptureSettings) => void;
  private settings = DEFAULT_SETTINGS;
  private seen: string | null = null;
  private work: Promise<unknown> = Promise.resolve();

  /**
   * @param file absolute path of `capture.json`
   * @param apply takes settings into use; throws a TurnkeepError for those that cannot be
   */
  constructor(file: string, apply: (settings: CaptureSettings) => void) {
    this.file = file;
    this.apply = apply;
  }

  /** The settings that hold now. Never throws. */
  current(): Promise<CaptureSettings> {
    return this.inTurn(() => this.refresh());
  }

  /**
   * Replaces the parts that are given and writes the file in one step.
   * @throws TurnkeepError `conflict` when the file is malformed, `home_unwritable`, or why the
   * settings cannot be used.
   */
  set(patch: SettingsPatch): Promise<CaptureSettings> {
    return this.inTurn(async () => {
      const before = await this.refresh();
      if (this.problem) {
        throw new TurnkeepError('conflict', `${this.problem} Mend or remove it, then try again.`);
      }
      const next = merged(before, patch);
      this.apply(next);
      await writeWhole(this.file, next).catch((error: Error) => {
        this.apply(before);
        throw error;
      });
      return this.refresh();
    });
  }

  /** One at a time: two changes at once must not undo each other. */
  private inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.work.then(work);
    this.work = result.catch(() => {});
    return result;
  }

  private async refresh(): Promise<CaptureSettings> {
    const version = await versionOf(this.file);
    if (version === this.seen) return this.settings;
    const isFirst = this.seen === null;
    try {
      const text = version === '' ? '' : await readFile(this.file, 'utf8');
      const settings = version === '' ? DEFAULT_SETTINGS : parsed(text);
      this.apply(settings);
      this.settings = settings;
      this.problem = null;
      if (version !== '') await this.keepGood();
    } catch (error) {
      this.problem = `The capture settings ${this.file} cannot be used: ${(error as Error).message}`;
      if (isFirst) await this.takeLastGood();
    }
    this.seen = version;
    return this.settings;
  }

  private get goodFile(): string {
    return `${this.file}.good`;
  }

  private async keepGood(): Promise<void> {
    // Without this copy a malformed file would lift every exclusion at the next start. A disk that
    // refuses it takes nothing from the settings in use.
    const text = await readFile(this.goodFile, 'utf8').catch(() => '');
    if (text === textOf(this.settings)) return;
    await writeWhole(this.goodFile, this.settings).catch(() => {});
  }

  private async takeLastGood(): Promise<void> {
    try {
      const settings = { ...parsed(await readFile(this.goodFile, 'utf8')), paused: false };
      this.apply(settings);
      this.settings = settings;
    } catch {
      this.settings = DEFAULT_SETTINGS;
    }
  }
}

/** Changes whenever the file does; empty when there is none. */
async function versionOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    return 'unreadable';
  }
}

function parsed(text: string): CaptureSettings {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF+/, ''));
  } catch (error) {
    throw new Error(`it is not JSON (${(error as Error).message}).`);
  }
  const result = captureSettingsSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}.`);
}

function merged(before: CaptureSettings, patch: SettingsPatch): CaptureSettings {
  return captureSettingsSchema.parse({
    ...before,
    ...given({ paused: patch.paused, watch: patch.watch, redact: patch.redact }),
    exclude: { ...before.exclude, ...given(patch.exclude ?? {}) },
    retention: { ...before.retention, ...given(patch.retention ?? {}) },
  });
}

function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function textOf(settings: CaptureSettings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

async function writeWhole(file: string, settings: CaptureSettings): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(textOf(settings));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TurnkeepError('home_unwritable', `${file} cannot be written: ${why}.`, { cause });
  }
}
