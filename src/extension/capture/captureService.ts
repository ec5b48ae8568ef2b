import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { isRefusal } from '../../contracts/errors.ts';
import type { SpoolEntry } from '../../contracts/server.ts';
import type { ToolInput, ToolOutput } from '../../contracts/tools.ts';
import { client } from '../clientLoader.ts';
import type { Log } from '../log.ts';
import { type Problem, problemOf } from '../problem.ts';
import type { ServerLink } from '../server.ts';
import type { Item } from './conversation.ts';

export type Metadata = Record<string, unknown>;
export type CaptureItem = Item & { metadata?: Metadata | undefined };

/** A capture as it ended: with the server, or in the spool, from where it arrives later. */
export type Outcome =
  | {
      stored: true;
      kind: Item['kind'];
      turn_id: string;
      session_id: string;
      thread_id: string;
    }
  | { stored: false; kind: Item['kind']; event_id: string; file: string; problem: Problem };

type CaptureTool = Exclude<SpoolEntry['tool'], 'record_chat_history'>;

/** Keeps turns: with the server, or, when none can be had, in the spool under the same event id. */
export class CaptureService implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** After anything stored was added or taken away by this window. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly server: ServerLink,
    private readonly log: Log,
  ) {}

  /**
   * Captures items in order. Throws a `TurnkeepError` when a text is refused (too large, empty) or
   * could be stored nowhere; items before it are stored by then.
   */
  async capture(items: CaptureItem[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      for (const item of items) outcomes.push(await this.captureOne(item));
    } finally {
      if (outcomes.length > 0) this.touched();
    }
    return outcomes;
  }

  /** Says that what is stored was changed by something else than a capture. */
  touched(): void {
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async captureOne(item: CaptureItem): Promise<Outcome> {
    const event_id = randomUUID();
    const metadata = item.metadata ? { metadata: item.metadata } : {};
    switch (item.kind) {
      case 'turn': {
        const { query, response } = item;
        const input = { turns: [{ query, response, event_id, ...metadata }] };
        return this.send(item.kind, event_id, 'capture_turns', input, (output) => ({
          ...output,
          turn_id: output.turn_ids[0] ?? '',
        }));
      }
      case 'query': {
        const input = { query: item.query, event_id, ...metadata };
        return this.send(item.kind, event_id, 'capture_user_query', input, (output) => output);
      }
      case 'response': {
        const input = { response: item.response, event_id, ...metadata };
        return this.send(item.kind, event_id, 'capture_ai_response', input, (output) => output);
      }
    }
  }

  private async send<N extends CaptureTool>(
    kind: Item['kind'],
    event_id: string,
    tool: N,
    input: ToolInput<N>,
    read: (output: ToolOutput<N>) => { turn_id: string; session_id: string; thread_id: string },
  ): Promise<Outcome> {
    client().checkCapture(tool, input);
    try {
      const { turn_id, session_id, thread_id } = read(await this.server.call(tool, input));
      return { stored: true, kind, turn_id, session_id, thread_id };
    } catch (thrown) {
      const problem = problemOf(thrown);
      if (isRefusal(problem.code)) throw thrown;
      const { home } = this.server;
      const context = await this.server.callContext();
      const entry = { ...client().newSpoolEntry(tool, { ...input }, context), event_id };
      const file = await client().writeSpoolEntry(home, entry);
      this.log.info(`Capture ${event_id} waits in the spool (${problem.code}).`);
      return { stored: false, kind, event_id, file, problem };
    }
  }
}
