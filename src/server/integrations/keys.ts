import { TurnkeepError } from '../../contracts/errors.ts';
import type { Integration } from '../../contracts/integrations.ts';

/** Finds the key that a `key_ref` names: in the environment, or among the editor's secrets. */
export type Keys = { find(key_ref: string): string | undefined };

/**
 * The key of an integration; undefined when it names none.
 * @throws TurnkeepError `refused` when it is named and not there, with what to do.
 */
export function keyOf(
  keys: Keys,
  { integration_id: id, key_ref }: Pick<Integration, 'integration_id' | 'key_ref'>,
): string | undefined {
  if (key_ref === null) return undefined;
  const key = keys.find(key_ref);
  if (key !== undefined) return key;
  const name = key_ref.slice(key_ref.indexOf(':') + 1);
  throw new TurnkeepError(
    'refused',
    key_ref.startsWith('env:')
      ? `"${id}" takes its key from the environment, and the server has no ${name}. Set it and start the server again: turnkeep stop.`
      : `"${id}" takes its key from the editor, which has not given "${name}". Open the editor, and enter the key there.`,
  );
}
