import type { Agent, SourceProblem } from '../../../contracts/observed.ts';
import { readers } from '../readers/all.ts';
import type { Places, Reader, Source } from '../readers/reader.ts';
import { sourceId } from './sourceRows.ts';

/** A source with the reader that reads it. */
export type Found = { id: string; reader: Reader; source: Source };

/** A source with its id. */
export function foundBy(reader: Reader, source: Source): Found {
  return { id: sourceId(source.reader, source.path), reader, source };
}

/**
 * Everything on this machine that the readers know the place of, by agent. A reader that cannot
 * look (no permission) is told to `onProblem`; the others go on.
 */
export async function discover(
  places: Places,
  agents: readonly Agent[] | undefined,
  onProblem: (problem: SourceProblem) => void,
): Promise<Found[]> {
  const found = new Map<string, Found>();
  for (const reader of readers) {
    try {
      for await (const source of reader.discover(places)) {
        // One reader may know the places of several agents.
        if (agents && !agents.includes(source.agent)) continue;
        const entry = foundBy(reader, source);
        found.set(entry.id, entry);
      }
    } catch (thrown) {
      const { path, message } = thrown as NodeJS.ErrnoException;
      onProblem({ file: path ?? reader.name, at: null, reason: `cannot be looked at: ${message}` });
    }
  }
  return [...found.values()];
}
