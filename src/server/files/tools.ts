import { createHash } from 'node:crypto';
import { TurnkeepError, toTurnkeepError } from '../../contracts/errors.ts';
import { type fileTools as contracts, DEFAULT_FILE_BYTES } from '../../contracts/fileTools.ts';
import type { ToolOutput } from '../../contracts/tools.ts';
import type { Handlers } from '../platform/tool.ts';
import { protect } from '../redaction/service.ts';
import { fileInside, projectRoot, readStart } from './service.ts';
import { textFacts } from './textFacts.ts';

const DEFAULT_PREVIEW = 2_000;
/** Read in one call, of all files together. */
const MAX_ALL_BYTES = 4 * 1024 * 1024;

type ProcessedFile = ToolOutput<'process_files'>['files'][number];

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

async function processed(root: string, given: string, maxBytes: number): Promise<ProcessedFile> {
  const { path, place } = await fileInside(root, given, 'paths');
  const { bytes, size } = await readStart(path, maxBytes);
  const binary = bytes.subarray(0, 8192).includes(0);
  // A character cut at the end is left out by the streaming decoder.
  const text = binary ? '' : new TextDecoder().decode(bytes, { stream: size > bytes.length });
  const content = protect(text).text;
  const truncated = size > bytes.length;
  return {
    ...{ path: place, bytes: size, sha256: truncated ? null : sha256(bytes), binary, truncated },
    ...{ content, ...textFacts(place, content) },
  };
}

function tooMuch(): TurnkeepError {
  return new TurnkeepError(
    'message_too_large',
    'One call reads 4 MiB in all: ask for the rest in another.',
  );
}

/**
 * The tools about files of a project.
 * @param home folder of the Turnkeep home
 */
export function fileTools(home: string): Pick<Handlers, keyof typeof contracts> {
  return {
    async process_files({ paths, max_bytes }, call) {
      const root = await projectRoot(call.context, home);
      const files: ProcessedFile[] = [];
      const errors: ToolOutput<'process_files'>['errors'] = [];
      let left = MAX_ALL_BYTES;
      for (const path of paths) {
        try {
          const most = Math.min(max_bytes ?? DEFAULT_FILE_BYTES, left);
          if (most === 0) throw tooMuch();
          const file = await processed(root, path, most);
          left -= Math.min(file.bytes, most);
          files.push(file);
        } catch (thrown) {
          const { code, message } = toTurnkeepError(thrown);
          errors.push({ path, code, message });
        }
      }
      return { project_root: root, files, errors };
    },
    async analyze_file_content({ filename, content, max_preview_chars }) {
      const text = content.toWellFormed();
      const preview = text.slice(0, max_preview_chars ?? DEFAULT_PREVIEW).toWellFormed();
      return {
        ...{ filename, bytes: Buffer.byteLength(content), sha256: sha256(content) },
        ...{ preview, truncated: preview.length < text.length, ...textFacts(filename, text) },
      };
    },
  };
}
