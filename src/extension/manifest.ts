import { commands, keybindings } from './manifest/commands.ts';
import { type SettingRow, settings } from './manifest/settings.ts';
import { CONTEXT_OPEN, menus, VIEW_CONTAINER, views, welcome } from './manifest/views.ts';
import { walkthroughs } from './manifest/walkthrough.ts';

const CATEGORY = 'Turnkeep';
const PALETTE_WHEN: Record<string, string> = {
  draft: 'resourceScheme == turnkeep-draft',
  context: CONTEXT_OPEN,
};

/** The kind of page that shows a model. */
export const DETAILS_PAGE = 'turnkeep.modelDetails';
/** Id of the provider that offers the MCP server to VS Code. */
export const MCP_PROVIDER = 'turnkeep.mcp';

const paletteWhen = (palette: string | false) => {
  return palette === false ? 'false' : (PALETTE_WHEN[palette] ?? 'false');
};

const palette = commands.flatMap((row) =>
  'palette' in row ? [{ command: row.command, when: paletteWhen(row.palette) }] : [],
);

const settingRows: [string, SettingRow][] = Object.entries(settings);

const properties = Object.fromEntries(
  settingRows.map(([key, { restricted: _, ...schema }], order) => [key, { order, ...schema }]),
);

const restrictedConfigurations = settingRows.flatMap(([key, row]) => (row.restricted ? [key] : []));

const taskProperties = {
  action: {
    type: 'string',
    enum: ['capture-turn', 'capture-query', 'capture-response', 'stats', 'close'],
    enumDescriptions: [
      'Keep a question and its answer.',
      'Keep a question.',
      'Keep an answer to the last open question.',
      'Print the statistics of the session.',
      'Close the session.',
    ],
    description: 'What to do.',
  },
  query: { type: 'string', description: 'What you asked. Without it, the editor asks for it.' },
  response: { type: 'string', description: 'What the AI answered. Without it, the editor asks.' },
  metadata: { type: 'object', description: 'Any JSON object, kept with the turn.' },
};

/**
 * The sections of `package.json` that belong to the extension, as the generator writes them.
 * Nothing else in `package.json` is touched.
 */
export const manifestSections = {
  icon: 'media/icon.png',
  categories: ['AI', 'Chat', 'Other'],
  keywords: ['ai', 'chat', 'conversation', 'history', 'mcp', 'memory', 'postgresql', 'cursor'],
  // The server, the home and the projects' files are where the workspace is.
  extensionKind: ['workspace'],
  activationEvents: [
    'onStartupFinished',
    'onFileSystem:turnkeep',
    'onFileSystem:turnkeep-draft',
    `onWebviewPanel:${DETAILS_PAGE}`,
  ],
  capabilities: {
    untrustedWorkspaces: {
      supported: 'limited',
      description:
        'Capture and reading work. In an untrusted folder Turnkeep reads no project file, writes no configuration or task, and offers no MCP server.',
      restrictedConfigurations,
    },
    virtualWorkspaces: {
      supported: 'limited',
      description: 'Capture and reading work. Set Up Workspace needs a folder on disk.',
    },
  },
  contributes: {
    commands: commands.map(({ command, title, ...row }) => ({
      command,
      title,
      category: CATEGORY,
      ...('icon' in row ? { icon: row.icon } : {}),
      ...('enablement' in row ? { enablement: row.enablement } : {}),
    })),
    keybindings,
    configuration: { title: 'Turnkeep', properties },
    viewsContainers: {
      activitybar: [{ id: VIEW_CONTAINER, title: 'Turnkeep', icon: 'media/activity.svg' }],
    },
    views: { [VIEW_CONTAINER]: views.map((view) => ({ ...view, contextualTitle: 'Turnkeep' })) },
    viewsWelcome: welcome,
    walkthroughs,
    menus: { commandPalette: palette, ...menus },
    taskDefinitions: [{ type: 'turnkeep', required: ['action'], properties: taskProperties }],
    mcpServerDefinitionProviders: [{ id: MCP_PROVIDER, label: 'Turnkeep' }],
  },
};
