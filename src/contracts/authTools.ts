import { z } from 'zod';
import { shortText } from './shortText.ts';
import { PERMISSIONS, type Permission, type ToolContract, tool } from './tool.ts';

/** A token lives for at most this many days, and for {@link DEFAULT_TOKEN_DAYS} unless told. */
export const MAX_TOKEN_DAYS = 366;
export const DEFAULT_TOKEN_DAYS = 90;

/** What each client of ours needs, and no more. Hooks write files and need no token. */
export const clientPermissions = {
  /** What an AI client may do through MCP. */
  mcp: [
    'conversations:read',
    'conversations:write',
    'memory:read',
    'memory:write',
    'evaluations:read',
    'evaluations:run',
    'models:read',
  ],
  /** A program with the library: it captures, counts and finds. */
  library: ['conversations:read', 'conversations:write', 'memory:read', 'integrations:call'],
  /** The command line, but for what is the person's alone: that goes by the home's own token. */
  cli: [
    'conversations:read',
    'conversations:write',
    'conversations:delete',
    'memory:read',
    'evaluations:read',
    'evaluations:run',
    'capture:admin',
    'models:read',
    'models:write',
    'ai:call',
    'integrations:read',
    'integrations:write',
    'integrations:call',
    'server:read',
  ],
  /** The editor: it also deletes, sets up capture, and shows how the server is. */
  extension: [
    'conversations:read',
    'conversations:write',
    'conversations:delete',
    'memory:read',
    'capture:admin',
    'models:read',
    'models:write',
    'ai:call',
    'server:read',
  ],
} as const satisfies Record<string, readonly Permission[]>;

export const permissionSchema = z.enum(PERMISSIONS);

/** What is kept of a token: everything but its text. */
export const tokenRecordSchema = z.object({
  token_id: z.string(),
  /** Who it was made for: `cursor`, `ci`, … */
  name: z.string(),
  user: z.string(),
  permissions: z.array(permissionSchema),
  issued_at: z.string(),
  expires_at: z.string(),
  revoked_at: z.string().nullable(),
  /** The key that signed it. */
  key_id: z.string(),
});
export type TokenRecord = z.infer<typeof tokenRecordSchema>;

export const issueTokenInput = z.object({
  name: shortText(100).describe('Who it is for.'),
  permissions: z.array(permissionSchema).min(1).max(PERMISSIONS.length),
  expires_in_days: z.number().int().min(1).max(MAX_TOKEN_DAYS).optional(),
});
export const issueTokenOutput = tokenRecordSchema.extend({
  token: z.string().describe('Shown this once: the server does not keep it.'),
});
const listedTokenSchema = tokenRecordSchema.extend({
  last_used_at: z.string().nullable().describe('Null when not since the server started.'),
});
export type ListedToken = z.infer<typeof listedTokenSchema>;
export const listTokensOutput = z.object({
  tokens: z.array(listedTokenSchema),
  keys: z.array(
    z.object({ key_id: z.string(), created_at: z.string(), retired_at: z.string().nullable() }),
  ),
});
export const revokeTokenInput = z.object({
  token_id: z.string().min(1).max(100).optional(),
  name: shortText(100).optional().describe('All tokens of this name.'),
});
export const revokeTokenOutput = z.object({ revoked: z.array(z.string()) });
export const rotateKeysInput = z.object({
  end_others: z
    .boolean()
    .optional()
    .describe('Ends every token given out so far; without it they live until they expire.'),
});
export const rotateKeysOutput = z.object({ key_id: z.string(), revoked: z.array(z.string()) });
export const validateTokenInput = z.object({ token: z.string().min(1).max(8192) });
/** Why a token is not good. */
export const tokenFaultSchema = z.enum(['malformed', 'unknown', 'not_yet', 'expired', 'revoked']);
export type TokenFault = z.infer<typeof tokenFaultSchema>;
export const validateTokenOutput = z.object({
  valid: z.boolean(),
  reason: tokenFaultSchema.nullable(),
  user: z.string().nullable(),
  permissions: z.array(permissionSchema),
  token_id: z.string().nullable(),
  expires_at: z.string().nullable(),
});

export const authTools = {
  issue_token: tool({
    title: 'Issue Token',
    description: 'Makes a token that may do some of what the caller may.',
    input: issueTokenInput,
    output: issueTokenOutput,
    permission: 'server:admin',
    audience: 'app',
    readOnly: false,
  }),
  list_tokens: tool({
    title: 'List Tokens',
    description: 'Tokens that have not expired, and the keys that sign.',
    input: z.object({}),
    output: listTokensOutput,
    permission: 'server:read',
    audience: 'app',
    readOnly: true,
  }),
  revoke_token: tool({
    title: 'Revoke Token',
    description: 'Ends a token now, by id, or all of one name.',
    input: revokeTokenInput,
    output: revokeTokenOutput,
    permission: 'server:admin',
    audience: 'app',
    readOnly: false,
    destructive: true,
  }),
  rotate_keys: tool({
    title: 'Rotate Keys',
    description: 'Signs with a new key from now on.',
    input: rotateKeysInput,
    output: rotateKeysOutput,
    permission: 'server:admin',
    audience: 'app',
    readOnly: false,
  }),
  renew_home_token: tool({
    title: 'Renew Home Token',
    description:
      "Makes another token for the home; the one before ends at once. It is in the home's file.",
    input: z.object({}),
    output: z.object({ renewed: z.literal(true) }),
    permission: 'server:admin',
    audience: 'app',
    readOnly: false,
  }),
  validate_token: tool({
    title: 'Validate Token',
    description: 'Whether a token is good, and what it may do.',
    input: validateTokenInput,
    output: validateTokenOutput,
    permission: 'server:read',
    audience: 'app',
    readOnly: true,
  }),
} satisfies Record<string, ToolContract>;
