import type { Command } from 'commander';
import type { Recommendation } from '../../../contracts/modelPerformance.ts';
import { notice, print, printJson } from '../../output/terminal.ts';
import { harmless } from '../../output/text.ts';
import { addVerb, onRun } from '../../verb.ts';

export function addModelsRecommendations(models: Command): void {
  const command = addVerb(models, {
    usage: 'recommendations [MODEL]',
    summary: 'what the rules advise, with the figures that it comes from',
    examples: [['turnkeep models recommendations', 'for every model']],
  });
  onRun(command, async ([model], cli) => {
    const advice = await cli.client.request('listModelRecommendations', model ? { model } : {});
    if (cli.json) return printJson(advice);
    const { recommendations, failed } = advice;
    await print(
      recommendations.length > 0
        ? recommendations.map(adviceLines).join('\n\n')
        : 'The rules advise nothing.',
    );
    for (const { rule_id, message } of failed) {
      await notice(harmless(`The rule ${rule_id} failed: ${message}`));
    }
  });
}

function adviceLines({ model_id, title, advice, evidence }: Recommendation): string {
  const figures = Object.entries(evidence).map(([name, value]) => `${name} ${value ?? 'unknown'}`);
  return harmless(`${model_id}: ${title}\n  ${advice}\n  (${figures.join(', ')})`);
}
