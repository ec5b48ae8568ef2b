import { sql } from 'kysely';
import { z } from 'zod';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { type Condition, conditionSchema, type Rule } from '../../../contracts/modelPerformance.ts';
import type { Database } from '../../database/database.ts';
import type { Read } from '../rows.ts';
import { builtInRules } from './builtInRules.ts';

/** Under names that begin so `ai_settings` keeps rules of the person's own, and switches. */
const PREFIX = 'rule:';

const ownSchema = z.object({
  title: z.string(),
  advice: z.string(),
  condition: conditionSchema,
  enabled: z.boolean(),
});
const switchSchema = z.object({ enabled: z.boolean() });

export type OwnRule = z.infer<typeof ownSchema> & { rule_id: string };
/** What is stored as a rule and cannot be understood: written by another version, or by hand. */
export type BrokenRule = { rule_id: string; message: string };

/** The rules, and what is stored of them. */
export type Rules = {
  /** Ids of rules that are built in and switched off. */
  off: Set<string>;
  own: OwnRule[];
  broken: BrokenRule[];
};

/** The stored rules. One that cannot be read does not hide the others. */
export async function readRules(read: Read): Promise<Rules> {
  const rows = await read
    .selectFrom('ai_settings')
    .select(['setting', 'value'])
    .where(sql<boolean>`starts_with(setting, ${PREFIX})`)
    .orderBy('setting')
    .execute();
  const rules: Rules = { off: new Set(), own: [], broken: [] };
  for (const { setting, value } of rows) {
    const rule_id = setting.slice(PREFIX.length);
    if (Object.hasOwn(builtInRules, rule_id)) {
      if (switchSchema.safeParse(value).data?.enabled === false) rules.off.add(rule_id);
      continue;
    }
    const own = ownSchema.safeParse(value);
    if (own.success) rules.own.push({ rule_id, ...own.data });
    else {
      const { path = [], message = '' } = own.error.issues[0] ?? {};
      rules.broken.push({ rule_id, message: `It cannot be read: ${path.join('.')}: ${message}` });
    }
  }
  return rules;
}

/** The rules as a list tells of them; those that cannot be read are not in it. */
export function listedRules({ off, own }: Rules): Rule[] {
  const builtIn = Object.entries(builtInRules).map(([rule_id, { title, advice }]) => ({
    ...{ rule_id, is_built_in: true, title, advice, enabled: !off.has(rule_id), condition: null },
  }));
  return [...builtIn, ...own.map((rule) => ({ ...rule, is_built_in: false }))];
}

export type GivenRule = {
  rule_id: string;
  title?: string | undefined;
  advice?: string | undefined;
  condition?: Condition | undefined;
  enabled?: boolean | undefined;
};

/**
 * Keeps a rule: what is given takes the place of what was there.
 * @throws TurnkeepError `invalid_request` for a new one that lacks a part, and for more than
 *   `enabled` of a rule that is built in.
 */
export function setRule(
  database: Database,
  given: GivenRule,
): Promise<{ rule: Rule; isNew: boolean }> {
  const { rule_id, ...parts } = given;
  return database.write(async (tx) => {
    const rules = await readRules(tx.read);
    const before = rules.own.find((rule) => rule.rule_id === rule_id);
    const value = Object.hasOwn(builtInRules, rule_id)
      ? switchOf(rule_id, parts)
      : wholeRule(rule_id, { ...before, ...defined(parts) });
    const row = { value: JSON.stringify(value), updated_at: new Date().toISOString() };
    const setting = `${PREFIX}${rule_id}`;
    await tx.insert('ai_settings', [{ setting, ...row }]);
    await tx.update('ai_settings', { setting }, row);
    const stored = listedRules(await readRules(tx.read));
    const rule = stored.find((one) => one.rule_id === rule_id);
    if (!rule) throw new Error(`rule ${rule_id} was not stored`);
    return { rule, isNew: !rule.is_built_in && !before };
  });
}

/** Takes a rule of the person's own away, or the switch of one that is built in. */
export function deleteRule(database: Database, rule_id: string): Promise<boolean> {
  return database.write(
    async (tx) => (await tx.delete('ai_settings', 'setting', [`${PREFIX}${rule_id}`])) > 0,
  );
}

function defined<T extends object>(parts: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

function switchOf(rule_id: string, { enabled, ...rest }: Omit<GivenRule, 'rule_id'>) {
  if (enabled !== undefined && Object.keys(defined(rest)).length === 0) return { enabled };
  throw new TurnkeepError(
    'invalid_request',
    `The rule ${rule_id} is built in: give "enabled" alone, or another name for a rule of your own.`,
    { fields: [{ path: 'rule_id', message: 'Built in.' }] },
  );
}

function wholeRule(rule_id: string, parts: Partial<Omit<GivenRule, 'rule_id'>>) {
  const missing = (['title', 'advice', 'condition'] as const).filter(
    (name) => parts[name] === undefined,
  );
  if (missing.length === 0) return { enabled: true, ...parts };
  throw new TurnkeepError(
    'invalid_request',
    `The new rule ${rule_id} needs ${missing.join(', ')}.`,
    { fields: missing.map((path) => ({ path, message: 'Needed for a new rule.' })) },
  );
}
