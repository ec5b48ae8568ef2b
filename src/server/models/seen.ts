import type { Database, WriteTransaction } from '../database/database.ts';
import { note } from './events.ts';
import { guessProvider } from './providers.ts';
import { CURRENT_VERSION, defaultModelId, type Read } from './rows.ts';

/** Longer texts are no names of models. */
const MAX_NAME = 200;

/**
 * Which entries the names stand for that captured turns give; a name that is new gets an entry, its
 * provider guessed from it. Entries do not go, so that what was found once is known from then on.
 */
export class SeenNames {
  readonly #database: Database;
  #known = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The ids by name. A text that can be no model's name has none. */
  async ids(names: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const asked = [...new Set(names)].filter(isName);
    const unknown = asked.filter((name) => !this.#known.has(name));
    for (const [name, id] of await found(this.#database.read, unknown)) this.#known.set(name, id);
    const fresh = unknown.filter((name) => !this.#known.has(name));
    if (fresh.length > 0) {
      const made = await this.#database.write((tx) => make(tx, fresh));
      for (const [name, id] of made) this.#known.set(name, id);
    }
    return new Map(asked.flatMap((name) => pair(name, this.#known.get(name))));
  }

  /** Other data is in place: nothing is known of it. */
  forget(): void {
    this.#known = new Map();
  }
}

function pair(name: string, id: string | undefined): [string, string][] {
  return id === undefined ? [] : [[name, id]];
}

function isName(text: string): boolean {
  return text.trim() === text && text !== '' && text.length <= MAX_NAME && !/\p{Cc}/u.test(text);
}

/**
 * Entries of those names. Of several it is the one that turns made, else one of the provider that
 * the name lets guess, else the oldest, so that the answer is the same next time.
 */
async function found(read: Read, names: string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const rows = await read
    .selectFrom('models')
    .select(['model_id', 'model_name', 'provider', 'source'])
    .where('model_name', 'in', names)
    .orderBy('created_at')
    .orderBy('model_id')
    .execute();
  const best = new Map<string, { id: string; rank: number }>();
  for (const { model_id, model_name, provider, source } of rows) {
    const rank = source === 'captured' ? 2 : provider === guessProvider(model_name) ? 1 : 0;
    if (rank > (best.get(model_name)?.rank ?? -1)) best.set(model_name, { id: model_id, rank });
  }
  return new Map([...best].map(([name, { id }]) => [name, id]));
}

async function make(tx: WriteTransaction, names: string[]): Promise<Map<string, string>> {
  const there = await found(tx.read, names);
  const at = new Date().toISOString();
  const source = 'captured';
  for (const model_name of names.filter((name) => !there.has(name))) {
    const provider = guessProvider(model_name);
    const model_id = defaultModelId({ provider, model_name });
    await tx.insert('models', [
      {
        ...{ model_id, model_name, model_type: 'llm', provider, version: CURRENT_VERSION },
        ...{ parameters: '{}', performance_metrics: '{}', metadata: '{}', tags: '[]', source },
        ...{ connection_id: null, replaces: null, is_active: true },
        ...{ created_at: at, updated_at: at },
      },
    ]);
    const detail = { model_name, provider, version: CURRENT_VERSION, source };
    await note(tx, { model_id, kind: 'registered', at, detail });
    there.set(model_name, model_id);
  }
  return there;
}
