import { AGENTS, type SourceProblem } from '../../../contracts/observed.ts';
import { discover, type Found } from '../history/discovery.ts';
import { fileStates } from '../history/fileStates.ts';
import type { Places } from '../readers/reader.ts';
import type { Pause } from './pauseFile.ts';
import { realPath } from './pauses.ts';

/** A source that was written in a pause or since. */
export type Affected = Found & { real: string };

/** File systems keep times no finer than this. */
const COARSE_MS = 2_000;

/**
 * The sources in which a pause is to be noted, small ones first: those of watched agents, and of
 * all others the transcripts, which are read at the end of a turn.
 */
export async function affectedBy(
  { from, read, left }: Pause,
  watch: readonly string[],
  places: Places,
  onProblem: (problem: SourceProblem) => void,
): Promise<Affected[]> {
  const watched = new Set([...read, ...watch]);
  const all = await discover(places, AGENTS, onProblem);
  const readable = all.filter(
    ({ reader, source }) => watched.has(source.agent) || reader.route === 'transcript',
  );
  const states = await fileStates(readable.map(({ source }) => source));
  const affected: Affected[] = [];
  for (const found of readable) {
    const state = states.get(found.source.path);
    if (!state || state.changedAt < Date.parse(from) - COARSE_MS) continue;
    const real = await realPath(found.source.path);
    if (left !== null && !left.includes(real)) continue;
    affected.push({ ...found, real, source: { ...found.source, bytes: state.bytes } });
  }
  return affected.sort((a, b) => a.source.bytes - b.source.bytes);
}
