import { asObject, asText, parseJson } from '../shared/json.ts';
import { filesOfPatch } from '../shared/turns.ts';

/** Tools of Cursor that change files, without the `_v2` and the like that it adds to their names. */
const EDITING = new Set([
  'apply_patch',
  'create_file',
  'delete_file',
  'edit_file',
  'edit_notebook',
  'multi_edit',
  'multiedit',
  'reapply',
  'search_replace',
  'str_replace',
  'strreplace',
  'write',
  'write_file',
]);
const FAILED = new Set(['cancelled', 'error', 'rejected']);
/** Where the arguments of these tools have the path, over the generations. */
const PATHS = [
  'relativeWorkspacePath',
  'target_file',
  'targetFile',
  'file_path',
  'filePath',
  'target_notebook',
  'path',
];

/**
 * Files that the tool call of a bubble changed, as the agent named them; none when it did not
 * succeed or only reads.
 */
export function touchedFiles(toolFormerData: unknown): string[] {
  const tool = asObject(toolFormerData);
  const name = (asText(tool.name) ?? '').toLowerCase().replace(/_v\d+$/, '');
  if (!EDITING.has(name) || FAILED.has(asText(tool.status) ?? '')) return [];
  for (const given of [tool.params, tool.rawArgs]) {
    const args = asObject(typeof given === 'string' ? parseJson(given) : given);
    for (const key of PATHS) {
      const path = asText(args[key]);
      if (path) return [path];
    }
    const patched = filesOfPatch(args.patch ?? args.input ?? given);
    if (patched.length > 0) return patched;
  }
  return [];
}
