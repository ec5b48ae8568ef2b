import { randomUUID } from 'node:crypto';
import {
  type CallToolResult,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type CaptureTool, captureOrSpool } from '../../client/capture.ts';
import { followEvaluation } from '../../client/followEvaluation.ts';
import type { ClientIdentity } from '../../client/ownToken.ts';
import { RestClient } from '../../client/restClient.ts';
import { tokenFile } from '../../client/tokenFile.ts';
import { clientPermissions } from '../../contracts/authTools.ts';
import type { CallContext } from '../../contracts/context.ts';
import { TurnkeepError } from '../../contracts/errors.ts';
import type { Home } from '../../contracts/home.ts';
import { spoolEntrySchema } from '../../contracts/server.ts';
import { type ListedTool, type ToolInput, tools } from '../../contracts/tools.ts';
import type { ToolDoor } from '../../mcp/door.ts';
import type { Tell } from '../../mcp/progress.ts';
import { toolResult } from '../../mcp/server.ts';
import { type Cli, namedProject } from '../cli.ts';
import {
  clientName,
  declaresRoots,
  listRootsNow,
  projectOfRoots,
  workingProject,
} from './client.ts';

const ROOTS = 'roots';

/** Hands the tools of the server on to one AI client over stdio. */
export class McpForwarder {
  readonly #home: Home;
  readonly #client: RestClient;
  readonly #context: CallContext;
  #listed: Promise<ListedTool[]> | null = null;
  /** A project on the command line stands whatever the client's folders are. */
  readonly #given: boolean;
  /** Whether the project is known; with roots it is asked for with the first call. */
  #resolved: boolean;

  private constructor(cli: Cli, project: CallContext['project']) {
    this.#home = cli.home;
    this.#context = { origin: `mcp:${randomUUID()}`, client: 'mcp' };
    if (project) this.#context.project = project;
    this.#given = project !== undefined;
    this.#resolved = this.#given;
    this.#client = new RestClient(
      (refused) => cli.connect({ client: identityOf(cli.home, this.#context.agent), refused }),
      () => this.#context,
    );
  }

  /** `given` is the project on the command line, a name or a folder. */
  static async open(cli: Cli, given: string | undefined): Promise<McpForwarder> {
    const name = given ?? process.env.TURNKEEP_PROJECT;
    return new McpForwarder(cli, name ? await namedProject(name) : undefined);
  }

  /** The tools that this client may call. */
  listTools(extra: ServerContext, server: Server): Promise<ListedTool[]> {
    this.#learn(extra, server);
    if (!this.#listed) {
      const listing = this.#client.listTools();
      this.#listed = listing;
      listing.catch(() => {
        this.#listed = null;
      });
    }
    return this.#listed;
  }

  /** The client's folders changed: they are asked for again, unless the project was given. */
  forgetRoots(): void {
    this.#resolved = this.#given;
  }

  /**
   * Learns who calls and in which project; asks the client for its folders where it has them. What
   * comes back has to be asked first.
   */
  async prepare(
    extra: ServerContext,
    server: Server,
    era: 'legacy' | 'modern',
  ): Promise<InputRequiredResult | undefined> {
    this.#learn(extra, server);
    if (!this.#resolved && declaresRoots(extra, server)) {
      const answer = inputResponse(extra.mcpReq.inputResponses, ROOTS);
      if (era === 'modern' && answer.kind === 'missing') {
        return inputRequired({ inputRequests: { [ROOTS]: inputRequired.listRoots() } });
      }
      const roots = answer.kind === ROOTS ? answer.roots : await listRootsNow(server, era);
      this.#settle(await projectOfRoots(roots));
    }
    if (!this.#resolved) this.#settle(undefined);
    this.#context.project ??= await workingProject();
    return undefined;
  }

  /** Runs a tool; call {@link prepare} before. */
  async callTool(
    name: string,
    args: Record<string, unknown>,
    extra: ServerContext,
    tell?: Tell,
  ): Promise<CallToolResult> {
    if (isCapture(name)) return this.#capture(name, args);
    if (name === 'run_precision_eval' && args.async !== true) {
      const input = tools[name].input.safeParse(args);
      // What is wrong with them the server tells.
      if (input.success) {
        const how = { signal: extra.mcpReq.signal, tell };
        return toolResult(await followEvaluation(this.#client, input.data, how));
      }
    }
    return toolResult(await this.#client.callByName(name, args, { signal: extra.mcpReq.signal }));
  }

  /** The tools for what is made of them. */
  readonly call: ToolDoor = (name, input, extra) =>
    this.#client.call(name, input, { signal: extra.mcpReq.signal });

  #learn(extra: ServerContext, server: Server): void {
    const agent = clientName(extra, server);
    if (agent) this.#context.agent = agent;
  }

  #settle(project: CallContext['project']): void {
    if (project) this.#context.project = project;
    this.#resolved = true;
  }

  /** A capture is never lost for want of a server, and never aborted half-way. */
  async #capture(tool: CaptureTool, args: Record<string, unknown>): Promise<CallToolResult> {
    const target = { home: this.#home, client: this.#client, context: this.#context };
    // `captureOrSpool` checks the arguments against the tool's schema first.
    const captured = await captureOrSpool(target, tool, args as ToolInput<typeof tool>);
    if (!captured.spooled) return toolResult(captured.output);
    throw new TurnkeepError(
      captured.reason.code,
      `${captured.reason.message} The text is kept on disk and will be stored when the server runs again: do not capture it again.`,
    );
  }
}

/** An AI client has a token of its own, by its name, which cannot delete or run the server. */
function identityOf(home: Home, agent: string | undefined): ClientIdentity {
  const words = (agent ?? '').toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = ['mcp', ...words].join('-').slice(0, 64);
  return { name, permissions: clientPermissions.mcp, keep: tokenFile(home, name) };
}

function isCapture(name: string): name is CaptureTool {
  return name in tools && spoolEntrySchema.shape.tool.safeParse(name).success;
}
