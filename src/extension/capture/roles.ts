export type Role = 'user' | 'assistant';

/** A role label at the start of a line, and what follows it on that line. */
export type Label = { role: Role; rest: string };

const USER = 'user|human|you|you said|me|developer|prompt';
const ASSISTANT =
  'assistant|ai|ai assistant|chatgpt|chatgpt said|claude|claude said|cursor|copilot|github copilot|copilot said|gemini|gemini said|codex|model|bot';
const WEAK_USER = 'q|question';
const WEAK_ASSISTANT = 'a|answer|response';

const label = (names: string) => {
  // "### User", "**User**", "_**User (2026-11-02 10:11Z)**_", "User:", "**User:** text", "You said:"
  const name = `(?:${names})(?:\\s*\\([^)\\n]{1,60}\\))?`;
  const heading = `#{1,6}\\s+(?:\\*\\*)?${name}(?:\\*\\*)?:?\\s*$`;
  const bold = `_?\\*\\*${name}:?\\*\\*_?:?(?:\\s+(?<bold>.*))?$`;
  const plain = `${name}:(?:\\s+(?<plain>.*))?$`;
  return new RegExp(`^(?:${heading}|${bold}|${plain})`, 'i');
};

const STRONG: [Role, RegExp][] = [
  ['user', label(USER)],
  ['assistant', label(ASSISTANT)],
];
const WEAK: [Role, RegExp][] = [
  ['user', label(WEAK_USER)],
  ['assistant', label(WEAK_ASSISTANT)],
];

/**
 * The role label of a line, or null. `weak` labels ("Q:", "Answer:") are words of ordinary text too,
 * so they are asked for only when both sides of a conversation use them.
 */
export function labelOf(line: string, weak = false): Label | null {
  for (const [role, pattern] of weak ? WEAK : STRONG) {
    const match = pattern.exec(line);
    if (match) return { role, rest: match.groups?.bold ?? match.groups?.plain ?? '' };
  }
  return null;
}

const ANSWER_START =
  /^(sure|certainly|of course|absolutely|great question|here(?:'|’)s|here is|here are|i(?:'|’)ll|i(?:'|’)ve|i have|let me|yes,|no,|the issue|to (?:fix|do) this|you can)\b/i;
const QUESTION_START =
  /^(how|what|why|when|where|which|who|can|could|would|should|is|are|do|does|did|please|fix|add|write|make|create|explain|implement|refactor|show|help|find|remove|rename|update|change|tell)\b/i;
const LONG_ANSWER = 1200;
const SHORT_QUESTION = 400;

/**
 * Who most likely wrote a text without a label, and how sure that is (0 to 1). Signs: code fences,
 * lists and headings, length, a question mark at the end, the first word.
 */
export function guessRole(text: string): { role: Role; certainty: number } {
  const trimmed = text.trim();
  let score = 0;
  if (/\?\s*$/.test(trimmed)) score += 2;
  if (trimmed.length <= SHORT_QUESTION && QUESTION_START.test(trimmed)) score += 2;
  if (trimmed.length <= SHORT_QUESTION) score += 0.5;
  if (ANSWER_START.test(trimmed)) score -= 3;
  if (/^(`{3,}|~{3,})/m.test(trimmed)) score -= 1.5;
  if (/^#{1,4} \S/m.test(trimmed)) score -= 1;
  if ((trimmed.match(/^\s*(?:[-*]|\d+\.) \S/gm)?.length ?? 0) >= 3) score -= 1;
  if (trimmed.length > LONG_ANSWER) score -= 2;
  return { role: score >= 0 ? 'user' : 'assistant', certainty: Math.min(1, Math.abs(score) / 4) };
}
