/** One setting: its default fixes its type in the code. */
export type SettingRow = {
  type: 'string' | 'boolean' | 'integer';
  default: string | boolean | number;
  scope: 'machine' | 'machine-overridable' | 'window' | 'application';
  markdownDescription: string;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  patternErrorMessage?: string;
  /** Ignored in an untrusted workspace. */
  restricted?: true;
};

/**
 * Every setting, once. What decides where data goes or what is started has scope `machine`: a
 * folder that is opened can never change it.
 */
export const settings = {
  'turnkeep.home': {
    type: 'string',
    default: '',
    scope: 'machine',
    markdownDescription:
      'Absolute path of the folder that holds the database, logs and command-line tool. Empty: the environment variable `TURNKEEP_HOME`, else `~/.turnkeep`. A change is used after **Turnkeep: Restart Server**.',
    pattern: '^$|^([A-Za-z]:[\\\\/]|[\\\\/]|~[\\\\/]).*$',
    patternErrorMessage: 'Give an absolute path, one that begins with ~/, or nothing.',
  },
  'turnkeep.server.port': {
    type: 'integer',
    default: 3000,
    minimum: 1,
    maximum: 65535,
    scope: 'machine',
    markdownDescription:
      'Port on 127.0.0.1 that the server asks for. When it is taken, the server uses the next free one.',
  },
  'turnkeep.server.idleExitMinutes': {
    type: 'integer',
    default: 15,
    minimum: 0,
    maximum: 10080,
    scope: 'machine',
    markdownDescription:
      'Minutes without use after which the server stops by itself; it starts again at the next use. `0`: never.',
  },
  'turnkeep.keybindings.enabled': {
    type: 'boolean',
    default: true,
    scope: 'window',
    markdownDescription:
      'Use the chords that begin with Ctrl+Shift+C (Cmd+Shift+C on macOS). Turn this off to give that key back to the editor.',
  },
  'turnkeep.notifications.captured': {
    type: 'boolean',
    default: true,
    scope: 'window',
    markdownDescription: 'Show a notification, with Open and Undo, after each capture.',
  },
  'turnkeep.mcp.register': {
    type: 'boolean',
    default: true,
    scope: 'machine-overridable',
    restricted: true,
    markdownDescription:
      'Offer the Turnkeep MCP server to the AI of this editor, so that it can search and keep conversations.',
  },
  'turnkeep.statusBar.enabled': {
    type: 'boolean',
    default: true,
    scope: 'window',
    markdownDescription:
      'Show the turns of this session and the state of the server in the status bar.',
  },
} as const satisfies Record<string, SettingRow>;

export type SettingKey = keyof typeof settings;
type Widen<T> = T extends boolean ? boolean : T extends number ? number : string;
export type SettingValue<K extends SettingKey> = Widen<(typeof settings)[K]['default']>;
