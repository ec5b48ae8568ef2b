import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ProjectSummary } from '../contracts/conversations.ts';
import { TurnkeepError } from '../contracts/errors.ts';
import type { ToolDoor } from './door.ts';
import { safeLine } from './untrusted.ts';

const ANSWER = 'project';
const answerSchema = z.object({ project: z.string() });
const capableSchema = z.object({ elicitation: z.object({}) });

/** A client that can show a form: declared with the request (2026) or at the start (2025). */
function canAsk(extra: ServerContext, server: Server): boolean {
  const told = Object.entries(extra.mcpReq.envelope ?? {});
  const capabilities =
    told.find(([name]) => name === CLIENT_CAPABILITIES_META_KEY)?.[1] ??
    server.getClientCapabilities();
  const { elicitation } = capableSchema.safeParse(capabilities).data ?? {};
  // Of the two modes a form is meant when none is named.
  return elicitation !== undefined && ('form' in elicitation || !('url' in elicitation));
}

function choice({ project_id, name, root, key, session_count }: ProjectSummary) {
  return {
    const: project_id,
    title: `${safeLine(name)} (${safeLine(root ?? key)}, ${session_count} conversations)`,
  };
}

/**
 * Runs `work` with the arguments. When the project's name among them means several projects, asks
 * the person which one where the client can; the answer then comes with the same call made again.
 * @throws TurnkeepError of the work; also its `conflict` when nobody can or wants to answer.
 */
export async function withProjectAsked<A extends { project?: unknown }, T>(
  { call, server }: { call: ToolDoor; server: Server },
  args: A,
  extra: ServerContext,
  work: (args: A) => Promise<T>,
): Promise<T | InputRequiredResult> {
  const { project } = args;
  if (typeof project !== 'string') return work(args);
  try {
    return await work(args);
  } catch (thrown) {
    if (!(thrown instanceof TurnkeepError) || thrown.code !== 'conflict') throw thrown;
    if (!canAsk(extra, server)) throw thrown;
    const { projects } = await call('list_projects', {}, extra);
    const meant = projects.filter(({ name }) => name === project);
    if (meant.length < 2) throw thrown;
    const answer = inputResponse(extra.mcpReq.inputResponses, ANSWER);
    if (answer.kind === 'elicit') {
      const chosen = answerSchema.safeParse(answer.content).data?.project;
      const known = meant.some(({ project_id }) => project_id === chosen);
      if (answer.action !== 'accept' || !known) throw thrown;
      return work({ ...args, project: chosen });
    }
    return inputRequired({
      inputRequests: {
        [ANSWER]: inputRequired.elicit({
          message: `Several projects are called "${safeLine(project)}". Which one?`,
          requestedSchema: {
            type: 'object',
            properties: {
              project: { type: 'string', title: 'Project', oneOf: meant.map(choice) },
            },
            required: ['project'],
          },
        }),
      },
    });
  }
}
