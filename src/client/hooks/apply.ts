import { rm } from 'node:fs/promises';
import { TurnkeepError } from '../../contracts/errors.ts';
import { applyEdit, readOptional } from '../jsoncFile.ts';
import type { HookPlan } from './plan.ts';
import { type HookProgram, writeHookProgram } from './program.ts';

/**
 * Writes what was planned; a file that changes is kept beside itself as `<file>.turnkeep-backup`.
 * With a `program`, which installing needs, that is put into the home first. Gives the files that
 * changed. Throws `conflict` when a file was changed after the plan, `home_unwritable`.
 */
export async function applyHooks(plans: HookPlan[], program?: HookProgram): Promise<string[]> {
  if (program) await writeHookProgram(program);
  const changed: string[] = [];
  for (const { file, before, after } of plans) {
    if (file === null || before === after) continue;
    if (after !== null) await applyEdit({ file, before, after });
    else await removeFile(file, before);
    changed.push(file);
  }
  return changed;
}

/** A file that held nothing but our entries; a backup of it holds nothing else either. */
async function removeFile(file: string, before: string | null): Promise<void> {
  if ((await readOptional(file)) !== before) {
    throw new TurnkeepError('conflict', `${file} was changed in the meantime: try again.`);
  }
  await rm(file);
  await rm(`${file}.turnkeep-backup`, { force: true });
}
