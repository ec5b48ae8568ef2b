import type { App } from '../app.ts';
import { askMessage, askTurn } from '../capture/ask.ts';
import type { CaptureFlow } from '../capture/captureFlow.ts';
import type { Item } from '../capture/conversation.ts';
import { type CaptureReturn, itemFrom, returnOf } from './captureArguments.ts';

/**
 * One of the three capture commands. With `{query, response, metadata}` it captures at once and
 * returns ids; without, it asks.
 */
export function captureCommand(kind: Item['kind'], app: App, flow: CaptureFlow) {
  return async (argument?: unknown): Promise<CaptureReturn | undefined> => {
    const item = itemFrom(kind, argument);
    if (item) {
      const [outcome] = await flow.capture([item]);
      return returnOf(outcome);
    }
    const drafts = app.drafts.list();
    const answer = kind === 'turn' ? await askTurn(drafts) : await askMessage(kind, drafts);
    await flow.carryOut(answer, kind);
    return undefined;
  };
}
