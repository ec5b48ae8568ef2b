import type { Command } from 'commander';
import type { CaptureSettings } from '../../contracts/capture.ts';
import { AGENTS } from '../../contracts/observed.ts';
import { agentsOf } from '../agents.ts';
import type { Cli } from '../cli.ts';
import { print, printJson } from '../output/terminal.ts';
import { addVerb, onRun } from '../verb.ts';

export function addPause(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'pause',
    summary: 'capture nothing by itself until resumed',
    examples: [['turnkeep capture pause', 'stop for now']],
  });
  onRun(command, async (_args, cli) => {
    const { settings } = await cli.client.call('set_capture_settings', { paused: true });
    await tell(cli, settings, 'Paused: nothing is captured by itself until "capture resume".');
  });
}

export function addResume(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'resume',
    summary: 'capture by itself again',
    examples: [['turnkeep capture resume', 'go on']],
  });
  onRun(command, async (_args, cli) => {
    const { settings } = await cli.client.call('set_capture_settings', { paused: false });
    await tell(cli, settings, 'Automatic capture is on.');
  });
}

export function addWatch(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'watch [AGENTS...]',
    summary: 'keep what these agents store up to date',
    details: `Agents: ${AGENTS.join(', ')}. Without any: those that are watched.`,
    examples: [['turnkeep capture watch cursor codex', 'two agents more']],
  });
  onRun(command, async (names, cli) => {
    const agents = agentsOf(names);
    const { settings: before } = await cli.client.call('get_capture_settings', {});
    if (agents.length === 0) return tell(cli, before, watched(before));
    const watch = [...new Set([...before.watch, ...agents])];
    const { settings } = await cli.client.call('set_capture_settings', { watch });
    await tell(cli, settings, watched(settings));
  });
}

export function addUnwatch(capture: Command): void {
  const command = addVerb(capture, {
    usage: 'unwatch [AGENTS...]',
    summary: 'stop watching these agents, or all',
    details: 'What was stored stays.',
    examples: [['turnkeep capture unwatch cursor', 'one agent']],
  });
  onRun(command, async (names, cli) => {
    const agents = agentsOf(names);
    const { settings: before } = await cli.client.call('get_capture_settings', {});
    const watch =
      agents.length === 0 ? [] : before.watch.filter((agent) => !agents.includes(agent));
    const { settings } = await cli.client.call('set_capture_settings', { watch });
    await tell(cli, settings, watched(settings));
  });
}

function watched({ watch }: CaptureSettings): string {
  return watch.length === 0 ? 'No agent is watched.' : `Watched: ${watch.join(', ')}.`;
}

async function tell(cli: Cli, settings: CaptureSettings, text: string): Promise<void> {
  await (cli.json ? printJson({ settings }) : print(text));
}
