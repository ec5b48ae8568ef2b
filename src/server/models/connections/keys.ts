import { TurnkeepError } from '../../../contracts/errors.ts';

/** What the connections' keys come from. They are in memory alone and in no log. */
export class Keys {
  readonly #env: NodeJS.ProcessEnv;
  readonly #secrets = new Map<string, string>();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Takes secrets of the editor in; null takes one back. */
  provide(keys: Readonly<Record<string, string | null>>): void {
    for (const [name, value] of Object.entries(keys)) {
      if (value === null) this.#secrets.delete(name);
      else this.#secrets.set(name, value);
    }
  }

  /** The key that a reference names, or undefined when it is not there. */
  find(key_ref: string): string | undefined {
    const at = key_ref.indexOf(':');
    const [kind, name] = [key_ref.slice(0, at), key_ref.slice(at + 1)];
    const value = kind === 'env' ? this.#env[name] : this.#secrets.get(name);
    return value === '' ? undefined : value;
  }

  /** @throws TurnkeepError `refused` when the key is not there, with what to do. */
  need(connection_id: string, key_ref: string): string {
    const key = this.find(key_ref);
    if (key !== undefined) return key;
    const name = key_ref.slice(key_ref.indexOf(':') + 1);
    throw new TurnkeepError(
      'refused',
      key_ref.startsWith('env:')
        ? `The connection "${connection_id}" takes its key from the environment, and the server has no ${name}. Set it and start the server again: turnkeep stop.`
        : `The connection "${connection_id}" takes its key from the editor, which has not given "${name}". Open the editor, and enter the key there with "Turnkeep: Add Model Connection".`,
    );
  }
}
