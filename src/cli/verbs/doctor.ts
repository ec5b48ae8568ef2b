import type { Command } from 'commander';
import { TurnkeepError } from '../../contracts/errors.ts';
import { captureChecks } from '../doctor/captureChecks.ts';
import type { Check } from '../doctor/check.ts';
import { editorChecks } from '../doctor/editorChecks.ts';
import { homeChecks } from '../doctor/homeChecks.ts';
import { serverChecks } from '../doctor/serverChecks.ts';
import { painter, print, printJson } from '../output/terminal.ts';
import { count, harmless } from '../output/text.ts';
import { addVerb, onRun } from '../verb.ts';

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

export function addDoctor(program: Command): void {
  const command = addVerb(program, {
    usage: 'doctor',
    summary: 'check everything and say what to do; exit code 1 when something fails',
    details: 'Starts the server when none runs.',
    examples: [['turnkeep doctor', 'when something does not work']],
  });
  onRun(command, async (_args, cli) => {
    const root = cli.context.project?.root ?? process.cwd();
    const home = await homeChecks(cli.home);
    const server = await serverChecks(cli);
    const isDown = server.some(({ name, state }) => name === 'server' && state === 'fail');
    const checks = [
      ...home,
      ...server,
      // Without a server the hooks alone can be told of.
      ...(await captureChecks(cli, !isDown)),
      ...(await editorChecks(cli.home, root)),
    ];
    const failed = checks.filter(({ state }) => state === 'fail').length;
    if (cli.json) await printJson({ ok: failed === 0, checks });
    else await print(readable(checks));
    if (failed > 0) {
      throw new TurnkeepError(
        'conflict',
        `${count(failed, 'check')} failed; see above for the mend.`,
      );
    }
  });
}

function readable(checks: Check[]): string {
  const paint = painter(process.stdout);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, state, detail, mend }) => {
    const head = `${paint(STYLES[state], state.padEnd(4))}  ${name.padEnd(width)}  ${harmless(detail)}`;
    return mend ? [head, `${' '.repeat(width + 8)}→ ${mend}`] : [head];
  });
  return lines.join('\n');
}
