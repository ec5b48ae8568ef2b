import * as vscode from 'vscode';
import type { ServerLink } from '../server.ts';
import { editorModels } from './editorModels.ts';
import type { TestRequest, TestRun } from './testRun.ts';

const WHY = 'To test the model: your prompt is sent to it, and its answer is shown.';

/** What went wrong, by the code of the editor's error, as the record of the call has it. */
const ERROR_KINDS: Record<string, string> = {
  NoPermissions: 'permission_denied',
  Blocked: 'blocked',
  NotFound: 'not_found',
};

/**
 * Asks a model that the editor offers. The editor asks the person first whether this extension may
 * use it. The call is recorded as any other, also one that failed.
 */
export async function askThroughEditor(
  server: ServerLink,
  { model_id, prompt, write, signal }: TestRequest,
  name: { vendor: string; id: string },
): Promise<TestRun> {
  const all = await editorModels();
  const model = all.find(({ id, vendor }) => id === name.id && vendor === name.vendor);
  if (!model) throw new Error('The editor does not offer this model any more. Refresh the view.');
  const token = new vscode.CancellationTokenSource();
  signal.addEventListener('abort', () => token.cancel(), { once: true });
  const at = new Date().toISOString();
  const began = performance.now();
  const since = () => Math.round(performance.now() - began);
  let first: number | null = null;
  let text = '';
  let failed: unknown;
  try {
    const messages = [vscode.LanguageModelChatMessage.User(prompt)];
    const answer = await model.sendRequest(messages, { justification: WHY }, token.token);
    for await (const piece of answer.text) {
      first ??= since();
      text += piece;
      write(piece);
    }
  } catch (thrown) {
    failed = thrown;
  }
  const duration_ms = since();
  const facts = { duration_ms, first_token_ms: first, ...(await tokensOf(model, prompt, text)) };
  const error_kind = errorKind(failed, signal);
  const call = { model_id, at, origin: 'editor' as const, operation: 'chat', ...facts, error_kind };
  await server.request('recordModelCalls', { calls: [call] });
  token.dispose();
  signal.throwIfAborted();
  if (failed) throw failed;
  return { model_id, text, ...facts, cost: null };
}

async function tokensOf(model: vscode.LanguageModelChat, prompt: string, text: string) {
  // A model that cannot count leaves its tokens unknown; the call is recorded all the same.
  const count = async (of: string) => model.countTokens(of).then(Math.round, () => null);
  const [input_tokens, output_tokens] = await Promise.all([count(prompt), count(text)]);
  return { input_tokens, output_tokens };
}

function errorKind(failed: unknown, signal: AbortSignal): string | null {
  if (signal.aborted) return 'cancelled';
  if (failed === undefined) return null;
  const code = failed instanceof vscode.LanguageModelError ? failed.code : '';
  return ERROR_KINDS[code] ?? 'editor_error';
}
