import type * as vscode from 'vscode';
import type { TokenKeep } from '../client/tokenFile.ts';

const DSN = 'turnkeep.postgresDsn';
const REMOTE = 'turnkeep.allowRemoteDsn';
const modelKey = (name: string) => `turnkeep.modelKey:${name}`;
const token = (homeRoot: string) => `turnkeep.token:${homeRoot}`;

/** A key of a provider of models, and the address that it was given for: it goes nowhere else. */
export type ModelKey = { key: string; address: string | null };

/** What the extension keeps in the editor's SecretStorage: never in settings or files. */
export class Secrets {
  constructor(private readonly storage: vscode.SecretStorage) {}

  /** The connection to PostgreSQL that the person has set; undefined means the embedded database. */
  async dsn(): Promise<string | undefined> {
    return (await this.storage.get(DSN)) || undefined;
  }

  /** Keeps a connection, or forgets it. `allowRemote`: the person agreed to another machine. */
  async setDsn(dsn: string | undefined, allowRemote: boolean): Promise<void> {
    if (dsn) await this.storage.store(DSN, dsn);
    else await this.storage.delete(DSN);
    if (dsn && allowRemote) await this.storage.store(REMOTE, '1');
    else await this.storage.delete(REMOTE);
  }

  /** Environment that a server or MCP process gets on top of the editor's own. */
  async serverEnv(): Promise<Record<string, string>> {
    const dsn = await this.dsn();
    if (!dsn) return {};
    const remote = await this.storage.get(REMOTE);
    return { POSTGRES_DSN: dsn, ...(remote ? { TURNKEEP_ALLOW_REMOTE_DSN: '1' } : {}) };
  }

  /** This extension's own token of a home. */
  async token(homeRoot: string): Promise<string | undefined> {
    return this.storage.get(token(homeRoot));
  }

  /** Where that token is kept. */
  tokenKeep(homeRoot: string): TokenKeep {
    return {
      load: () => this.token(homeRoot),
      store: async (text) => this.storage.store(token(homeRoot), text),
      again: 'run "Turnkeep: Restart Server"',
    };
  }

  /** Lets the extension have another token, when the person has revoked this one. */
  async forgetToken(homeRoot: string): Promise<void> {
    await this.storage.delete(token(homeRoot));
  }

  /** The key that connections name as `secret:NAME`. */
  async modelKey(name: string): Promise<ModelKey | undefined> {
    const text = await this.storage.get(modelKey(name));
    return text ? (JSON.parse(text) as ModelKey) : undefined;
  }

  /** Keeps such a key, or forgets it. */
  async setModelKey(name: string, given: ModelKey | undefined): Promise<void> {
    if (given) await this.storage.store(modelKey(name), JSON.stringify(given));
    else await this.storage.delete(modelKey(name));
  }
}
