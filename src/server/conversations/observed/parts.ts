import { uuidv7 } from '../../platform/ids.ts';
import type { Part, Telling } from './model.ts';
import type { Wording } from './wording.ts';

/** A message that is not stored yet; without a time of its own it has that of the storing. */
export function newPart(
  role: 'user' | 'assistant',
  wording: Wording,
  at: string | null,
  telling: Telling,
): Part {
  return {
    message_id: uuidv7(),
    wording,
    hash: wording.hash(role),
    at: at ?? telling.at,
    dated: at !== null,
    metadata: {},
    model: null,
    provenance: telling.route,
    position: null,
    answered: false,
    changed: true,
  };
}
