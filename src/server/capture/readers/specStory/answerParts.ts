const THOUGHT_BEGIN = /^<think>/;
const THOUGHT_END = /<\/think>\s*$/;
const TOOL_BEGIN = /^<tool-use\b/;
const TOOL_END = /<\/tool-use>\s*$/;
/** How the first generation begins the block of a tool; it goes on to the next rule. */
const OLD_TOOL = /^(Tool use: \*\*|\[Tool use)/;
const FENCE = /^\s*(`{3,}|~{3,})(.*)$/;
const RULE = /^-{3,}\s*$/;

/**
 * The parts of an answer that were said, of all that stands under an agent's heading: thoughts and
 * blocks of tools are not. `isWhole` is false when a block has no end; its text is lost then.
 */
export function answerParts(lines: string[]): { texts: string[]; isWhole: boolean } {
  const texts: string[] = [];
  let part: string[] = [];
  let inside: 'thought' | 'tool' | 'old tool' | null = null;
  let fence = false;
  const finish = () => {
    const text = part.join('\n').trim();
    if (text !== '') texts.push(text);
    part = [];
  };
  for (const line of lines) {
    if (inside === 'thought') inside = THOUGHT_END.test(line) ? null : inside;
    else if (inside === 'tool') inside = TOOL_END.test(line) ? null : inside;
    else if (inside === 'old tool') inside = RULE.test(line) ? null : inside;
    else if (fence) {
      part.push(line);
      if (FENCE.exec(line)?.[2]?.trim() === '') fence = false;
    } else if (THOUGHT_BEGIN.test(line)) {
      finish();
      inside = THOUGHT_END.test(line) ? null : 'thought';
    } else if (TOOL_BEGIN.test(line)) {
      finish();
      inside = TOOL_END.test(line) ? null : 'tool';
    } else if (OLD_TOOL.test(line) && part.every((before) => before.trim() === '')) {
      finish();
      inside = 'old tool';
    } else if (RULE.test(line)) finish();
    else {
      const opened = FENCE.exec(line);
      fence = opened !== null && !opened[2]?.includes(opened[1] ?? '');
      part.push(line);
    }
  }
  finish();
  return { texts, isWhole: inside !== 'thought' && inside !== 'tool' };
}
