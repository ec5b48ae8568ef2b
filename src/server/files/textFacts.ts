import { languageOf } from './languages.ts';

type Line = { line: number; text: string };
export type TextFacts = {
  language: string | null;
  lines: number;
  words: number;
  outline: Line[];
  todos: Line[];
};

const HEADING = /^#{1,6} \S/;
/** What begins a class, function, type or table in the usual languages; anchored and linear. */
const DEFINITION =
  /^ {0,4}(?:(?:export|default|public|private|protected|static|async|abstract|pub|final) +)*(?:class|function\*?|interface|type|enum|trait|struct|impl|def|func|fn|module|namespace|create table)\b/i;
const TODO = /\b(?:TODO|FIXME|XXX|HACK)\b/;
const MAX_ENTRIES = 100;
const MAX_TEXT = 160;

/** What can be said of a text by its name and its lines: no more than 100 entries of each list. */
export function textFacts(filename: string, content: string): TextFacts {
  const language = languageOf(filename);
  const begins = language === 'markdown' ? HEADING : DEFINITION;
  const outline: Line[] = [];
  const todos: Line[] = [];
  const lines = content === '' ? [] : content.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  for (const [index, whole] of lines.entries()) {
    const text = whole.slice(0, 1000);
    const entry = () => ({ line: index + 1, text: text.trim().slice(0, MAX_TEXT).toWellFormed() });
    if (outline.length < MAX_ENTRIES && begins.test(text)) outline.push(entry());
    if (todos.length < MAX_ENTRIES && TODO.test(text)) todos.push(entry());
  }
  const words = content.match(/\S+/g)?.length ?? 0;
  return { language, lines: lines.length, words, outline, todos };
}
