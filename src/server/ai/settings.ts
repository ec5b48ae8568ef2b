import { type AiSettings, aiSettingsSchema } from '../../contracts/ai.ts';
import type { Database } from '../database/database.ts';

const DEFAULTS: AiSettings = {
  default_model: null,
  default_embedding_model: null,
  memory_embedding_model: null,
  fallbacks: {},
  retries: 2,
  timeout_ms: 300_000,
  daily_limit: null,
  health_checks: false,
};

/** Another server on the same database may have changed them. */
const KNOWN_FOR_MS = 2_000;

/** What the person has set for calls of models. */
export class AiSettingsStore {
  readonly #database: Database;
  #known: { settings: AiSettings; at: number } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The settings now. A value that does not fit any more (an older server's) is the default's. */
  async current(): Promise<AiSettings> {
    const now = Date.now();
    if (this.#known && now - this.#known.at < KNOWN_FOR_MS) return this.#known.settings;
    const rows = await this.#database.read
      .selectFrom('ai_settings')
      .select(['setting', 'value'])
      .execute();
    const settings: Record<string, unknown> = { ...DEFAULTS };
    for (const { setting, value } of rows) {
      const schema = aiSettingsSchema.shape[setting as keyof AiSettings];
      if (schema?.safeParse(value).success) settings[setting] = value;
    }
    this.#known = { settings: settings as AiSettings, at: now };
    return this.#known.settings;
  }

  /** Sets what is given; the rest stays. */
  async change(given: { [N in keyof AiSettings]?: AiSettings[N] | undefined }): Promise<void> {
    const updated_at = new Date().toISOString();
    await this.#database.write(async (tx) => {
      for (const [setting, value] of Object.entries(given)) {
        if (value === undefined) continue;
        const row = { value: JSON.stringify(value), updated_at };
        const before = await tx.read
          .selectFrom('ai_settings')
          .select('setting')
          .where('setting', '=', setting)
          .executeTakeFirst();
        if (before) await tx.update('ai_settings', { setting }, row);
        else await tx.insert('ai_settings', [{ setting, ...row }]);
      }
    });
    this.forget();
  }

  /** What is known of the database does not hold any more. */
  forget(): void {
    this.#known = undefined;
  }
}
