import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addAiAnalyze } from './ai/analyze.ts';
import { addAiChat } from './ai/chat.ts';
import { addAiClassify } from './ai/classify.ts';
import { addAiCode } from './ai/code.ts';
import { addAiEmbed } from './ai/embed.ts';
import { addAiSettings } from './ai/settings.ts';

export function addAi(program: Command): void {
  const ai = asThrower(program.command('ai').summary('ask the models that you have set up'));
  ai.description(
    'Asks a model by its id, alias or name: see "turnkeep models connect" for how to set one up.',
  );
  addAiChat(ai);
  addAiCode(ai);
  addAiAnalyze(ai);
  addAiClassify(ai);
  addAiEmbed(ai);
  addAiSettings(ai);
}
