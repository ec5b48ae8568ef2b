/** One command of the extension; `enablement` greys it out, `palette: false` keeps it out of F1. */
export type CommandRow = {
  command: string;
  title: string;
  icon?: string;
  enablement?: string;
  palette?: false | string;
};

/** While something is stored, as far as is known. */
const HAS_STORED = '!turnkeep.empty';

/** Every command, once. The runtime's handler map is typed by it, so that none can be forgotten. */
export const commands = [
  {
    command: 'turnkeep.captureTurn',
    title: 'Capture Conversation Turn',
    icon: '$(add)',
  },
  { command: 'turnkeep.captureQuery', title: 'Capture User Query' },
  { command: 'turnkeep.captureResponse', title: 'Capture AI Response' },
  { command: 'turnkeep.showStatistics', title: 'Show Session Statistics', icon: '$(graph)' },
  { command: 'turnkeep.closeSession', title: 'Close Session' },
  { command: 'turnkeep.search', title: 'Search Memory', icon: '$(search)' },
  { command: 'turnkeep.insertFound', title: 'Insert the Found Message', palette: false },
  { command: 'turnkeep.copyFound', title: 'Copy the Found Message', palette: false },
  { command: 'turnkeep.rehydrate', title: 'Rehydrate Context', icon: '$(history)' },
  {
    command: 'turnkeep.useContext',
    title: 'Use This Context',
    icon: '$(arrow-swap)',
    palette: 'context',
  },
  { command: 'turnkeep.setUpWorkspace', title: 'Set Up Workspace' },
  {
    command: 'turnkeep.turnOnCapture',
    title: 'Turn On Automatic Capture',
    icon: '$(record)',
  },
  { command: 'turnkeep.turnOffCapture', title: 'Turn Off Automatic Capture' },
  {
    command: 'turnkeep.pauseCapture',
    title: 'Pause Automatic Capture',
    icon: '$(debug-pause)',
    enablement: '!turnkeep.capturePaused',
  },
  {
    command: 'turnkeep.resumeCapture',
    title: 'Resume Automatic Capture',
    icon: '$(debug-continue)',
    enablement: 'turnkeep.capturePaused',
  },
  {
    command: 'turnkeep.excludeFolder',
    title: 'Exclude This Folder from Capture',
    enablement: 'workspaceFolderCount > 0',
  },
  {
    command: 'turnkeep.includeFolder',
    title: 'Include This Folder in Capture Again',
    enablement: 'turnkeep.folderExcluded',
  },
  { command: 'turnkeep.openCaptureSettings', title: 'Open Capture Settings' },
  { command: 'turnkeep.importHistory', title: 'Import History', icon: '$(cloud-download)' },
  { command: 'turnkeep.showDeadLetters', title: 'Show Dead Letters' },
  { command: 'turnkeep.retryDeadLetters', title: 'Retry Dead Letters' },
  { command: 'turnkeep.installCli', title: 'Install Command-Line Tool' },
  { command: 'turnkeep.startServer', title: 'Start Server', icon: '$(play)' },
  { command: 'turnkeep.restartServer', title: 'Restart Server', icon: '$(debug-restart)' },
  { command: 'turnkeep.showLog', title: 'Show Server Log', icon: '$(output)' },
  { command: 'turnkeep.setDatabase', title: 'Set Database Connection' },
  { command: 'turnkeep.showTokens', title: 'Show Access Tokens', icon: '$(key)' },
  { command: 'turnkeep.createToken', title: 'Create Access Token' },
  { command: 'turnkeep.showProblem', title: 'Show Server State' },
  {
    command: 'turnkeep.acceptDraft',
    title: 'Capture This Draft',
    icon: '$(check)',
    palette: 'draft',
  },
  {
    command: 'turnkeep.discardDraft',
    title: 'Discard This Draft',
    icon: '$(discard)',
    palette: 'draft',
  },
  { command: 'turnkeep.refreshConversations', title: 'Refresh Conversations', icon: '$(refresh)' },
  { command: 'turnkeep.refreshModels', title: 'Refresh Models', icon: '$(refresh)' },
  {
    command: 'turnkeep.filterModels',
    title: 'Filter Models',
    icon: '$(filter)',
    enablement: '!turnkeep.modelsFiltered',
  },
  {
    command: 'turnkeep.clearModelFilter',
    title: 'Show All Models',
    icon: '$(filter-filled)',
    enablement: 'turnkeep.modelsFiltered',
  },
  { command: 'turnkeep.addModelConnection', title: 'Add Model Connection', icon: '$(add)' },
  { command: 'turnkeep.removeModelConnection', title: 'Remove Model Connection' },
  { command: 'turnkeep.discoverModels', title: 'Discover Models', icon: '$(search)' },
  { command: 'turnkeep.showModel', title: 'Show Model Details', icon: '$(graph-line)' },
  { command: 'turnkeep.testModel', title: 'Test Model', icon: '$(beaker)' },
  { command: 'turnkeep.setModelAlias', title: 'Set Alias', icon: '$(tag)' },
  { command: 'turnkeep.setModelThreshold', title: 'Set Threshold', icon: '$(dashboard)' },
  { command: 'turnkeep.activateModel', title: 'Activate Model', icon: '$(check)' },
  { command: 'turnkeep.deactivateModel', title: 'Deactivate Model', icon: '$(circle-slash)' },
  { command: 'turnkeep.refreshIntegrations', title: 'Check Integrations', icon: '$(refresh)' },
  {
    command: 'turnkeep.openMarkdown',
    title: 'Open as Markdown',
    icon: '$(open-preview)',
    palette: false,
  },
  { command: 'turnkeep.openSource', title: 'Open as Text', icon: '$(go-to-file)', palette: false },
  { command: 'turnkeep.copyMarkdown', title: 'Copy as Markdown', icon: '$(copy)', palette: false },
  { command: 'turnkeep.renameProject', title: 'Rename Project', enablement: HAS_STORED },
  { command: 'turnkeep.mergeProject', title: 'Merge Project Into…', enablement: HAS_STORED },
  { command: 'turnkeep.deleteStored', title: 'Delete…', icon: '$(trash)', palette: false },
  { command: 'turnkeep.setDataAside', title: 'Set Old Data Aside and Start', palette: false },
  { command: 'turnkeep.loadMore', title: 'Load More', palette: false },
  {
    command: 'turnkeep.fixIntegration',
    title: 'Fix or Show Details',
    icon: '$(wrench)',
    palette: false,
  },
] as const satisfies readonly CommandRow[];

export type CommandId = (typeof commands)[number]['command'];

const CHORD_WHEN = '!terminalFocus && config.turnkeep.keybindings.enabled';
const FIRST = 'shift+c';

/** Second key of each capture chord; the first is Ctrl+Shift+C, on macOS Cmd+Shift+C. */
export const chords = {
  'turnkeep.captureTurn': 't',
  'turnkeep.captureQuery': 'q',
  'turnkeep.captureResponse': 'r',
  'turnkeep.showStatistics': 's',
  'turnkeep.closeSession': 'x',
} as const satisfies Partial<Record<CommandId, string>>;

export type KeybindingRow = { command: CommandId; key: string; mac: string; when: string };

/** Every keybinding of the extension. */
export const keybindings: KeybindingRow[] = [
  ...Object.entries(chords).map(([command, letter]) => ({
    command: command as CommandId,
    key: `ctrl+${FIRST} ctrl+shift+${letter}`,
    mac: `cmd+${FIRST} cmd+shift+${letter}`,
    when: CHORD_WHEN,
  })),
  {
    command: 'turnkeep.insertFound',
    key: 'alt+enter',
    mac: 'alt+enter',
    when: 'inQuickOpen && turnkeep.searching',
  },
  {
    command: 'turnkeep.copyFound',
    key: 'ctrl+alt+c',
    mac: 'cmd+alt+c',
    when: 'inQuickOpen && turnkeep.searching',
  },
  {
    command: 'turnkeep.deleteStored',
    key: 'delete',
    mac: 'cmd+backspace',
    when: 'focusedView == turnkeep.conversations && !inputFocus',
  },
];
