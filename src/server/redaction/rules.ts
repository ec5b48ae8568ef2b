import { assignmentRules } from './assignments.ts';
import { contextRules } from './context.ts';
import { privateKeyRules } from './privateKeys.ts';
import { proseRules } from './prose.ts';
import type { Rule } from './rule.ts';
import { tokenRules } from './tokens.ts';

/**
 * All kinds with what they look like, those with the surest shape first: they name what several of
 * them find. What the secretlint preset finds beside them is in `preset.ts`.
 */
export const rules: readonly Rule[] = [
  ...privateKeyRules,
  ...tokenRules,
  ...contextRules,
  ...proseRules,
  ...assignmentRules,
];
