import { type CaptureTool, captureOrSpool } from '../client/capture.ts';
import type { CaptureResult } from '../contracts/conversations.ts';
import type { ToolInput, ToolOutput } from '../contracts/tools.ts';
import type { Cli } from './cli.ts';
import { notice, print, printJson } from './output/terminal.ts';

/**
 * Captures and tells the outcome. `result` makes the answer that is printed from the tool's output.
 * A capture that waits in the spool is no failure.
 */
export async function keep<N extends CaptureTool>(
  cli: Cli,
  tool: N,
  input: ToolInput<N>,
  result: (output: ToolOutput<N>) => CaptureResult,
): Promise<void> {
  const captured = await captureOrSpool(
    { home: cli.home, client: cli.client, context: cli.context },
    tool,
    input,
  );
  if (captured.spooled) {
    if (cli.json) return printJson({ spooled: true, event_id: captured.event_id });
    return notice(
      `No server could take it now (${captured.reason.message})\nIt is kept in ${captured.file} and arrives when a server runs again.`,
    );
  }
  const kept = result(captured.output);
  if (cli.json) return printJson(kept);
  await print(`${kept.message} Turn ${kept.turn_id}, session ${kept.session_id}.`);
}
