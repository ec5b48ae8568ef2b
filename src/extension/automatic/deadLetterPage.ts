import type { ToolOutput } from '../../contracts/tools.ts';
import { count, localTime, oneLine } from '../pages/plainText.ts';
import { escapeInline } from '../pages/safeMarkdown.ts';

type DeadLetter = ToolOutput<'list_dead_letters'>['dead_letters'][number];

/** The page: names, times and reasons; never what was said. */
export function deadLettersMarkdown(letters: readonly DeadLetter[], folder: string): string {
  const inCode = (text: string) => `\`${oneLine(text, 300).replaceAll('`', '')}\``;
  return [
    '# Dead letters',
    '',
    escapeInline(
      `${count(letters.length, 'capture')} could not be understood and ${letters.length === 1 ? 'is' : 'are'} kept as files.`,
    ),
    `The folder is ${inCode(folder)}. After an update, run **Turnkeep: Retry Dead Letters**; delete the files you do not want.`,
    ...letters.flatMap(({ name, agent, created_at, bytes, reason }) => {
      const facts = [agent, created_at && localTime(created_at), count(bytes, 'byte')];
      return [
        '',
        `## ${inCode(name)}`,
        '',
        escapeInline(oneLine(reason, 500)),
        '',
        `*${escapeInline(facts.filter((fact) => fact).join(' · '))}*`,
      ];
    }),
    '',
  ].join('\n');
}
