import { randomBytes } from 'node:crypto';
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  MissingRequiredClientCapabilityError,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { text } from './media.ts';

/** Signs what goes to the client and comes back between two rounds. */
export const stateCodec = createRequestStateCodec<{ round: number }>({ key: randomBytes(32) });

type Result = Promise<CallToolResult | InputRequiredResult>;
type AskingTool = (args: Record<string, unknown>, extra: ServerContext) => Result;

const done = (said: string): CallToolResult => ({ content: [text(said)] });

type FormField = { type: 'string' } | { type: 'boolean' };
/** A form with one field that must be filled in. */
export const form = (message: string, field: string, schema: FormField = { type: 'string' }) =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: schema }, required: [field] },
  });

const capital = () =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: text('What is the capital of France?') }],
    maxTokens: 100,
  });

async function asked(extra: ServerContext, tool: string): Result {
  const answer = acceptedContent(extra.mcpReq.inputResponses, 'confirm');
  if (answer && extra.mcpReq.requestState()) return done(`${tool}: state-ok`);
  return inputRequired({
    inputRequests: { confirm: form('Please confirm', 'ok', { type: 'boolean' }) },
    requestState: await stateCodec.mint({ round: 1 }, extra),
  });
}

/** What the client said with the request that it can do. */
function declared(extra: ServerContext): Record<string, unknown> {
  const envelope = Object.entries(extra.mcpReq.envelope ?? {});
  const capabilities = envelope.find(([name]) => name === CLIENT_CAPABILITIES_META_KEY)?.[1];
  return (capabilities ?? {}) as Record<string, unknown>;
}

/** Tools that need something of the client before they answer (several rounds). */
export const askingTools: Record<string, AskingTool> = {
  async test_input_required_result_elicitation(_args, extra) {
    const { inputResponses } = extra.mcpReq;
    const { name } = acceptedContent(inputResponses, 'user_name') ?? {};
    if (typeof name === 'string') return done(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
  },
  async test_input_required_result_sampling(_args, extra) {
    const answer = inputResponse(extra.mcpReq.inputResponses, 'capital_question');
    if (answer.kind === 'sampling') return done(JSON.stringify(answer.result.content));
    return inputRequired({ inputRequests: { capital_question: capital() } });
  },
  async test_input_required_result_list_roots(_args, extra) {
    const answer = inputResponse(extra.mcpReq.inputResponses, 'client_roots');
    if (answer.kind === 'roots') return done(answer.roots.map(({ uri }) => uri).join(', '));
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  },
  test_input_required_result_request_state: (_args, extra) => asked(extra, 'request state'),
  test_input_required_result_tampered_state: (_args, extra) => asked(extra, 'tampered state'),
  async test_input_required_result_multiple_inputs(_args, extra) {
    const { inputResponses } = extra.mcpReq;
    const kinds = ['user_name', 'greeting', 'client_roots'].map(
      (key) => inputResponse(inputResponses, key).kind,
    );
    if (!kinds.includes('missing')) return done(`Received ${kinds.join(', ')}`);
    return inputRequired({
      inputRequests: {
        user_name: form('What is your name?', 'name'),
        greeting: inputRequired.createMessage({
          messages: [{ role: 'user', content: text('Generate a greeting') }],
          maxTokens: 50,
        }),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await stateCodec.mint({ round: 1 }, extra),
    });
  },
  async test_input_required_result_multi_round(_args, extra) {
    const { round = 0 } = extra.mcpReq.requestState<{ round: number }>() ?? {};
    const { inputResponses } = extra.mcpReq;
    if (round === 2 && acceptedContent(inputResponses, 'step2')) return done('All rounds done');
    const answered = round === 1 && acceptedContent(inputResponses, 'step1') !== undefined;
    const next = answered || round === 2 ? 2 : 1;
    return inputRequired({
      inputRequests:
        next === 2
          ? { step2: form('Step 2: What is your favorite color?', 'color') }
          : { step1: form('Step 1: What is your name?', 'name') },
      requestState: await stateCodec.mint({ round: next }, extra),
    });
  },
  async test_input_required_result_capabilities(_args, extra) {
    const { sampling, elicitation } = declared(extra);
    return inputRequired({
      inputRequests: {
        ...(sampling ? { capital_question: capital() } : {}),
        ...(elicitation ? { user_name: form('What is your name?', 'name') } : {}),
      },
    });
  },
  async test_missing_capability(_args, extra) {
    if (declared(extra).sampling) return done('The client can sample.');
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  },
  async test_streaming_elicitation(_args, extra) {
    const answer = acceptedContent(extra.mcpReq.inputResponses, 'user_name');
    if (answer) return done('Answered.');
    return inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } });
  },
};
