import type { Command } from 'commander';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { print, printJson } from '../../output/terminal.ts';
import { oneLine } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addProjectRename(project: Command): void {
  const command = addVerb(project, {
    usage: 'rename [PROJECT] [NAME]',
    summary: 'give a project another name',
    details: 'A project is given by name, key or id (turnkeep project list). Its key stays.',
    examples: [['turnkeep project rename site "Web shop"', 'another name']],
  });
  onRun(command, async ([given, name], cli) => {
    if (!given || !name) throw new TurnkeepError('usage', 'Give the project and its new name.');
    const done = await cli.client.call('rename_project', { project: given, name });
    if (cli.json) return printJson(done);
    await print(`The project ${oneLine(done.key, 200)} is now called ${oneLine(done.name, 200)}.`);
  });
}
