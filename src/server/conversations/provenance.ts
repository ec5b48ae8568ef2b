import type { CallContext } from '../../contracts/context.ts';
import { holdable } from '../database/text.ts';

/** The model a capture names, in one of the keys in use. */
export function modelOf(metadata: Record<string, unknown>): string | null {
  for (const key of ['model', 'llm_name']) {
    const value = metadata[key];
    if (typeof value === 'string' && value.trim() !== '')
      return holdable(value.trim()).slice(0, 200);
  }
  return null;
}

/** People and their programs capture by hand; an AI client captures by calling the tool. */
export function provenanceOf(context: CallContext): string {
  const byHand = ['cli', 'extension', 'library'];
  return byHand.includes(context.client ?? '') ? 'manual' : 'tool';
}
