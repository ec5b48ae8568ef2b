import { z } from 'zod';
import { type ToolContract, tool } from './tool.ts';

const folder = z.string().min(1).max(4096).describe('A whole path of this machine.');

/** What the person (or the editor for them) said about a folder; it holds for what is below it. */
export const trustedFolderSchema = z.object({
  folder: z.string(),
  /** False: taken back. An editor that trusts the folder does not change that. */
  trusted: z.boolean(),
  by: z.enum(['person', 'editor']),
  at: z.string(),
});
export type TrustedFolder = z.infer<typeof trustedFolderSchema>;

export const listTrustedFoldersOutput = z.object({ folders: z.array(trustedFolderSchema) });
export const trustFolderInput = z.object({
  folder,
  by: z
    .enum(['person', 'editor'])
    .optional()
    .describe('`editor`: adds the folder unless the person has taken it back.'),
});
export const trustFolderOutput = z.object({ folder: z.string(), trusted: z.boolean() });

/** Which folders' scripts may be run. No AI client can add one: all of them are `server:admin`. */
export const trustTools = {
  list_trusted_folders: tool({
    title: 'List Trusted Folders',
    description: 'Folders whose scripts may be run, and those that were taken back.',
    input: z.object({}),
    output: listTrustedFoldersOutput,
    permission: 'server:admin',
    audience: 'app',
    readOnly: true,
  }),
  trust_folder: tool({
    title: 'Trust Folder',
    description: 'Lets scripts in a folder be run.',
    input: trustFolderInput,
    output: trustFolderOutput,
    permission: 'server:admin',
    audience: 'app',
    readOnly: false,
  }),
  untrust_folder: tool({
    title: 'Untrust Folder',
    description: 'Takes the trust in a folder back.',
    input: z.object({ folder }),
    output: trustFolderOutput,
    permission: 'server:admin',
    audience: 'app',
    readOnly: false,
  }),
} satisfies Record<string, ToolContract>;
