import * as vscode from 'vscode';
import type { Connection, ConnectOptions } from '../client/connection.ts';
import type { ClientEvent } from '../client/events.ts';
import type { McpToolClient } from '../client/mcpClient.ts';
import type { RestClient } from '../client/restClient.ts';
import type { TokenKeep } from '../client/tokenFile.ts';
import type { CallContext } from '../contracts/context.ts';
import type {
  EndpointInput,
  EndpointOutput,
  EventEndpointName,
  JsonEndpointName,
} from '../contracts/endpoints.ts';
import type { Home } from '../contracts/home.ts';
import type { Discovery } from '../contracts/server.ts';
import type { ToolInput, ToolName, ToolOutput } from '../contracts/tools.ts';
import { VERSION } from '../contracts/version.ts';
import { client } from './clientLoader.ts';
import type { Log } from './log.ts';
import { needsPerson, type Problem, problemOf, retryDelay } from './problem.ts';
import { type ServerState, sameState } from './serverState.ts';

export type ServerLinkOptions = {
  /** Absolute path of `server.mjs`. */
  serverPath: string;
  home: () => Home;
  /** Arguments and environment for a server that this window starts. */
  serverArgs: () => string[];
  serverEnv: () => Promise<Record<string, string>>;
  context: () => Promise<CallContext>;
  /** Where this extension's own token of a home is kept. */
  tokenKeep: (home: Home) => TokenKeep;
  log: Log;
};

type CallOptions = { signal?: AbortSignal };

/**
 * This window's way to the server: finds it or starts it, calls its tools over MCP and its endpoints
 * over REST, and tells what state it is in. Nothing here blocks the window; a server that cannot start is tried again, ever
 * more slowly.
 */
export class ServerLink implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<ServerState>();
  readonly onDidChange = this.changed.event;
  private readonly met = new vscode.EventEmitter<Discovery>();
  /** A server that this window has not used before: what it holds in its memory is not there yet. */
  readonly onDidMeet = this.met.event;
  private known = '';
  private current: ServerState = { kind: 'starting' };
  private connecting: Promise<Connection> | undefined;
  private tools: McpToolClient | undefined;
  private rest: RestClient | undefined;
  private context: CallContext = {};
  private failures = 0;
  private retry: NodeJS.Timeout | undefined;
  private restarting: Promise<void> | undefined;
  private disposed = false;

  constructor(private readonly options: ServerLinkOptions) {}

  get state(): ServerState {
    return this.current;
  }

  get home(): Home {
    return this.options.home();
  }

  /** Where this window's calls come from; also for what goes into the spool. */
  callContext(): Promise<CallContext> {
    return this.options.context();
  }

  /** Calls a tool of the server, which is started when it is not there. Throws a `TurnkeepError`. */
  call<N extends ToolName>(
    name: N,
    input: ToolInput<N>,
    options: CallOptions = {},
  ): Promise<ToolOutput<N>> {
    return this.use(() => {
      this.tools ??= new (client().McpToolClient)(
        (refused) => this.connect([], refused),
        () => this.context,
      );
      return this.tools.call(name, input, options);
    });
  }

  /** The same over REST, for a long list: MCP sends it twice, as text and as a value. */
  callForList<N extends ToolName>(name: N, input: ToolInput<N>): Promise<ToolOutput<N>> {
    return this.use(() => this.api().call(name, input));
  }

  /** Asks an endpoint of `/api` in the same way: the fields of path, query and body in one object. */
  request<N extends JsonEndpointName>(
    name: N,
    input: EndpointInput<N>,
    options: CallOptions = {},
  ): Promise<EndpointOutput<N>> {
    return this.use(() => this.api().request(name, input, options));
  }

  /** Opens a stream of events; they end when the server ends them, or by the signal. */
  events<N extends EventEndpointName>(
    name: N,
    input: EndpointInput<N>,
    options: CallOptions = {},
  ): Promise<AsyncIterable<ClientEvent<EndpointOutput<N>>>> {
    return this.use(() => this.api().events(name, input, options));
  }

  /**
   * Calls a tool with the home's own token: for what the person alone may do, and has just asked
   * for.
   */
  async callAsPerson<N extends ToolName>(name: N, input: ToolInput<N>): Promise<ToolOutput<N>> {
    const context = await this.options.context();
    const options = await this.connectOptions([]);
    const person = new (client().RestClient)(
      () => client().connectOrStart(options),
      () => context,
    );
    return person.call(name, input);
  }

  private api(): RestClient {
    this.rest ??= new (client().RestClient)(
      (refused) => this.connect([], refused),
      () => this.context,
    );
    return this.rest;
  }

  private async use<T>(work: () => Promise<T>): Promise<T> {
    // A failed restart is told by the call that follows, which tries to connect.
    await this.restarting?.catch(() => undefined);
    this.context = await this.options.context();
    try {
      return await work();
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (problem.code === 'server_unreachable') this.failed(problem);
      throw thrown;
    }
  }

  /**
   * Connects, starting the server when needed; calls made meanwhile share the one attempt.
   * `refused` is the token that the server has just refused.
   */
  connect(extraArgs: string[] = [], refused?: string): Promise<Connection> {
    this.connecting ??= this.connectOnce(extraArgs, refused).finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  /** Looks whether the server is still there, without starting one. */
  async check(): Promise<void> {
    const busy = () => this.connecting ?? this.restarting;
    if (busy() || this.disposed) return;
    const found = await client().findServer(this.home);
    if (busy()) return;
    if (found) this.set({ kind: 'connected', discovery: found });
    else if (this.current.kind === 'connected') this.set({ kind: 'asleep' });
  }

  /**
   * Stops a running server and starts it anew, with the settings of now. Calls made meanwhile wait.
   */
  restart(): Promise<void> {
    this.restarting ??= this.restartOnce().finally(() => {
      this.restarting = undefined;
    });
    return this.restarting;
  }

  /** Ends this window's connection. The server belongs to all windows and stays. */
  async disconnect(): Promise<void> {
    const { tools } = this;
    this.tools = undefined;
    this.rest = undefined;
    await tools?.close();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.retry);
    this.changed.dispose();
    this.met.dispose();
  }

  private async restartOnce(): Promise<void> {
    const { home } = this;
    const found = await client().findServer(home);
    if (found) {
      await this.disconnect();
      await client().stopServer(home, found, 'restart asked for in the editor');
    }
    this.set({ kind: 'starting' });
    await this.connect();
  }

  private async connectOnce(extraArgs: string[], refused?: string): Promise<Connection> {
    const { home } = this;
    clearTimeout(this.retry);
    if (this.current.kind === 'asleep') this.set({ kind: 'starting' });
    try {
      const connection = await client().connectOrStart({
        ...(await this.connectOptions(extraArgs)),
        client: {
          name: 'extension',
          permissions: client().clientPermissions.extension,
          keep: this.options.tokenKeep(home),
        },
        refused,
      });
      this.failures = 0;
      this.set({ kind: 'connected', discovery: connection.discovery });
      return connection;
    } catch (thrown) {
      this.failed(problemOf(thrown));
      throw thrown;
    }
  }

  private async connectOptions(extraArgs: string[]): Promise<ConnectOptions> {
    return {
      home: this.home,
      serverPath: this.options.serverPath,
      version: VERSION,
      nodePath: process.execPath,
      env: { ...(await this.options.serverEnv()), ELECTRON_RUN_AS_NODE: '1' },
      serverArgs: [...this.options.serverArgs(), ...extraArgs],
    };
  }

  private failed(problem: Problem): void {
    this.options.log.warn(`Server: ${problem.code}: ${problem.message}`);
    this.set({ kind: 'down', problem });
    clearTimeout(this.retry);
    if (this.disposed || needsPerson(problem)) return;
    this.failures += 1;
    this.retry = setTimeout(() => {
      // The failure of a retry is in the state and the log already.
      this.connect().catch(() => undefined);
    }, retryDelay(this.failures));
    this.retry.unref();
  }

  private set(state: ServerState): void {
    const isSame = sameState(this.current, state);
    this.current = state;
    if (this.disposed) return;
    if (!isSame) this.changed.fire(state);
    if (state.kind === 'connected') this.meet(state.discovery);
  }

  private meet(discovery: Discovery): void {
    const id = `${discovery.pid} ${discovery.started_at}`;
    if (id === this.known) return;
    this.known = id;
    this.met.fire(discovery);
  }
}
