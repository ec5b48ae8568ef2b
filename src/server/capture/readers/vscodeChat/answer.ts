import { posix } from 'node:path';
import { asList, asObject, asText, isObject, type Json } from '../shared/json.ts';
import { named } from '../shared/problems.ts';
import { pathOfFileUri } from '../shared/workspaces.ts';

/** Parts of a response that interrupt its text: what comes after is a further part of the answer. */
const BREAKS =
  /^(toolInvocation(Serialized)?|prepareToolInvocation|textEditGroup|notebookEditGroup|textEdit|notebookEdit|workspaceEdit|externalEdit|confirmation|elicitation.*|question.*|planReview|clearToPreviousToolInvocation)$/;
/** Parts that carry nothing of the answer. */
const SILENT =
  /^(agentDetection|autoModeResolution|codeblockUri|codeCitation|command|extensions|externalToolInvocationUpdate|hook|disabled.*Hooks|info|mcp.*|move|multiDiffData|progress.*|pullRequest.*|reference|references|systemNotification|thinking|treeData|undoStop|updateSession|usedContext|warning|workspaceEditCleared)$/;
const LONE_FENCE = /^\s*`{3,}[\w-]*\s*$/;

export type ChatAnswer = { texts: string[]; files: string[]; unknown: string[] };

/** The parts of the answer in a `response`, the files that were edited, and what was not understood. */
export function readResponse(response: unknown): ChatAnswer {
  const answer: ChatAnswer = { texts: [], files: [], unknown: [] };
  let text = '';
  const finish = () => {
    // What was around a tool or an edit are empty lines; an indent at the beginning counts.
    const said = text.replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd();
    if (said !== '') answer.texts.push(said);
    text = '';
  };
  // The first generation keeps a single text instead of a list.
  const parts = Array.isArray(response) ? response : response === undefined ? [] : [response];
  for (const part of parts) {
    const kind = asText(asObject(part).kind);
    const said = textOf(part, kind);
    if (said !== null) {
      // Lone fences frame an edit that is a part of its own.
      if (!LONE_FENCE.test(said)) text += said;
    } else if (kind === 'inlineReference') text += referenceName(asObject(part));
    else if (kind !== null && BREAKS.test(kind)) {
      const file = editedFile(asObject(part));
      if (file !== null && !answer.files.includes(file)) answer.files.push(file);
      finish();
    } else if (kind === null || !SILENT.test(kind)) answer.unknown.push(named(kind ?? 'no kind'));
  }
  finish();
  return answer;
}

function textOf(part: unknown, kind: string | null): string | null {
  if (typeof part === 'string') return part;
  if (kind !== null && kind !== 'markdownContent' && kind !== 'markdownVuln') return null;
  const { value, content } = asObject(part);
  return markdownOf(value) ?? markdownOf(content);
}

/** Markdown is a string, or an object (of objects) with the string as its `value`. */
function markdownOf(value: unknown): string | null {
  let at = value;
  for (let depth = 0; depth < 4 && isObject(at); depth += 1) at = at.value;
  return typeof at === 'string' ? at : null;
}

function referenceName(part: Json): string {
  const reference = asObject(part.inlineReference);
  const path = filePath(reference) ?? filePath(asObject(reference.uri));
  const name =
    asText(part.name) ??
    asText(reference.name) ??
    (path === null ? null : posix.basename(path.replaceAll('\\', '/')));
  return name === null ? '' : `\`${name}\``;
}

function editedFile(part: Json): string | null {
  return /Edit/.test(asText(part.kind) ?? '') ? filePath(asObject(part.uri)) : null;
}

/** The path of an address as the editor stores it: in parts. */
function filePath(uri: Json): string | null {
  const path = asText(uri.fsPath) ?? asText(uri.path);
  const external = asText(uri.external);
  return (external === null ? null : pathOfFileUri(external)) ?? path;
}

/** The text of a request's `message`: a string, or an object with the text or its parts. */
export function promptOf(message: unknown): string {
  if (typeof message === 'string') return message;
  const { text, parts } = asObject(message);
  if (typeof text === 'string') return text;
  return asList(parts)
    .map((part) => asText(asObject(part).text) ?? '')
    .join('');
}
