import { claudeCodeReader } from './claudeCode/reader.ts';
import { codexReader } from './codex/reader.ts';
import { copilotCliReader, copilotTranscriptReader } from './copilot/reader.ts';
import { cursorStoreReader } from './cursorStore.ts';
import { cursorTranscriptReader } from './cursorTranscript/reader.ts';
import { geminiLogsReader } from './gemini/logs.ts';
import { geminiReader } from './gemini/reader.ts';
import type { Reader } from './reader.ts';
import { specStoryReader } from './specStory/reader.ts';
import { turnkeepJsonlReader } from './turnkeep/jsonl.ts';
import { turnkeepMarkdownReader } from './turnkeep/markdown.ts';
import { vscodeChatReader } from './vscodeChat/reader.ts';

/** Every reader; the first one that recognises a file reads it. */
export const readers: readonly Reader[] = [
  cursorStoreReader,
  cursorTranscriptReader,
  claudeCodeReader,
  vscodeChatReader,
  copilotTranscriptReader,
  copilotCliReader,
  codexReader,
  geminiReader,
  geminiLogsReader,
  specStoryReader,
  turnkeepJsonlReader,
  turnkeepMarkdownReader,
];
