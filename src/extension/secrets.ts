import type * as vscode from 'vscode';
import type { TokenKeep } from '../client/tokenFile.ts';

const DSN = 'turnkeep.postgresDsn';
const REMOTE = 'turnkeep.allowRemoteDsn';
const token = (homeRoot: string) => `turnkeep.token:${homeRoot}`;

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
}
