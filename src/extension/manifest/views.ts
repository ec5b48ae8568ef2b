import type { CommandId } from './commands.ts';

export const VIEW_CONTAINER = 'turnkeep';

/** The three views of the container, in order. */
export const views = [
  {
    id: 'turnkeep.conversations',
    name: 'Conversations',
    icon: '$(comment-discussion)',
    initialSize: 5,
  },
  { id: 'turnkeep.models', name: 'Models', icon: '$(hubot)', initialSize: 2 },
  { id: 'turnkeep.integrations', name: 'Integrations', icon: '$(plug)', initialSize: 2 },
] as const;
export type ViewId = (typeof views)[number]['id'];

/** Context keys that the code sets and `when` clauses read. */
export const contextKeys = {
  /** `starting`, `connected`, `asleep` or `down`. */
  state: 'turnkeep.state',
  /** While it is `down`: the code of what went wrong. */
  problem: 'turnkeep.problem',
  /** True once the server has said that it holds no conversation. */
  empty: 'turnkeep.empty',
  /** While the list of Search Memory is open. */
  searching: 'turnkeep.searching',
  /** While the person has paused automatic capture. */
  capturePaused: 'turnkeep.capturePaused',
  /** While a folder of this workspace is excluded from it. */
  folderExcluded: 'turnkeep.folderExcluded',
  /** While the Models view lists only some of them. */
  modelsFiltered: 'turnkeep.modelsFiltered',
} as const;

/** What tree items put into `contextValue`. */
export const itemKinds = {
  project: 'turnkeep.project',
  session: 'turnkeep.session',
  turn: 'turnkeep.turn',
  integration: 'turnkeep.integration',
  /** Goes on with `.active` or `.inactive`, and `.callable`. */
  model: 'turnkeep.model',
} as const;

const button = (title: string, command: CommandId) => `[${title}](command:${command})`;
const START = button('Start Server', 'turnkeep.startServer');
const WHY = button('Show What Is Wrong', 'turnkeep.showProblem');
const LOG = button('Show Server Log', 'turnkeep.showLog');
const LATER = 'What you capture waits in the spool and arrives when the server starts.';

/** What is wrong and what mends it, by the code of the error. */
const downTexts: Record<string, string[]> = {
  database_unavailable: [
    `The database does not answer, so the server does not run. ${LATER}`,
    button('Set Database Connection', 'turnkeep.setDatabase'),
    START,
    WHY,
  ],
  remote_database_refused: [
    `The database is on another machine, and that was not allowed. ${LATER}`,
    button('Set Database Connection', 'turnkeep.setDatabase'),
    WHY,
  ],
  data_version_mismatch: [
    `The data folder was made by another version of PostgreSQL and was left as it is. ${LATER}`,
    button('Set It Aside and Start Empty', 'turnkeep.setDataAside'),
    WHY,
    LOG,
  ],
  home_unwritable: [
    'The Turnkeep home cannot be written, so nothing can be kept: make it writable or free some space.',
    START,
    WHY,
  ],
};

const isCode = (codes: string[]) => `turnkeep.problem =~ /^(${codes.join('|')})$/`;

/** Text and buttons shown where a view has nothing to list. */
export const welcome: { view: ViewId; contents: string; when: string }[] = [
  {
    view: 'turnkeep.conversations',
    when: 'turnkeep.state == connected && turnkeep.empty',
    contents: [
      'Nothing is kept yet. Copy a conversation, or select it in an editor, and capture it.',
      button('Capture Conversation Turn', 'turnkeep.captureTurn'),
      'Have every turn stored by itself, and bring in what was said before:',
      button('Turn On Automatic Capture', 'turnkeep.turnOnCapture'),
      button('Import History', 'turnkeep.importHistory'),
      'Let the AI of this project search what is kept:',
      button('Set Up Workspace', 'turnkeep.setUpWorkspace'),
    ].join('\n'),
  },
  {
    view: 'turnkeep.conversations',
    when: 'turnkeep.state == starting',
    contents: 'The Turnkeep server is starting…',
  },
  ...Object.entries(downTexts).map(([code, lines]) => ({
    view: 'turnkeep.conversations' as const,
    when: `turnkeep.state == down && ${isCode([code])}`,
    contents: lines.join('\n'),
  })),
  {
    view: 'turnkeep.conversations',
    when: `turnkeep.state == down && !(${isCode(Object.keys(downTexts))})`,
    contents: [`The Turnkeep server is not running. ${LATER}`, START, WHY, LOG].join('\n'),
  },
  {
    view: 'turnkeep.models',
    when: 'turnkeep.state == down',
    contents: ['Models are listed when the server runs.', START].join('\n'),
  },
  {
    view: 'turnkeep.models',
    when: 'turnkeep.state == connected && !turnkeep.modelsFiltered',
    contents: [
      'No model is known yet. Those that captured turns name appear by themselves; connect a provider to call models from here.',
      button('Add Model Connection', 'turnkeep.addModelConnection'),
    ].join('\n'),
  },
];

export type MenuRow = { command: CommandId; when?: string; group?: string };

const inTree = (...kinds: (keyof typeof itemKinds)[]) =>
  `view == turnkeep.conversations && viewItem =~ /^(${kinds.map((kind) => itemKinds[kind]).join('|')})$/`;

/** While the document of a rehydrated context is active. */
export const CONTEXT_OPEN = 'resourceScheme == turnkeep && resourcePath =~ /^.context./';

const integrations = (command: CommandId, group: string, when?: string): MenuRow => ({
  command,
  when: ['view == turnkeep.integrations', ...(when ? [when] : [])].join(' && '),
  group,
});
const captureButtons: MenuRow[] = [
  integrations('turnkeep.pauseCapture', 'navigation@1', '!turnkeep.capturePaused'),
  integrations('turnkeep.resumeCapture', 'navigation@1', 'turnkeep.capturePaused'),
  integrations('turnkeep.turnOnCapture', 'navigation@2'),
  integrations('turnkeep.importHistory', '0_capture@1'),
  integrations('turnkeep.excludeFolder', '0_capture@2', '!turnkeep.folderExcluded'),
  integrations('turnkeep.includeFolder', '0_capture@2', 'turnkeep.folderExcluded'),
  integrations('turnkeep.openCaptureSettings', '0_capture@3'),
  integrations('turnkeep.showDeadLetters', '0_capture@4'),
  integrations('turnkeep.retryDeadLetters', '0_capture@5'),
  integrations('turnkeep.turnOffCapture', '0_capture@6'),
];

const models = (command: CommandId, group: string, when?: string): MenuRow => ({
  command,
  when: ['view == turnkeep.models', ...(when ? [when] : [])].join(' && '),
  group,
});
const modelButtons: MenuRow[] = [
  models('turnkeep.filterModels', 'navigation@1', '!turnkeep.modelsFiltered'),
  models('turnkeep.clearModelFilter', 'navigation@1', 'turnkeep.modelsFiltered'),
  models('turnkeep.addModelConnection', 'navigation@2'),
  models('turnkeep.discoverModels', 'navigation@3'),
  models('turnkeep.refreshModels', 'navigation@4'),
  models('turnkeep.removeModelConnection', '1_connections@1'),
];

/** Models of a kind: `active`, `callable` or any. */
const ofKind = (kind: string) => `viewItem =~ /^${itemKinds.model}${kind}/`;
const ANY = ofKind('\\.');
const ACTIVE = ofKind('\\.active');
const INACTIVE = ofKind('\\.inactive');
const CALLABLE = ofKind('\\.active\\.callable');
const modelActions: MenuRow[] = ['inline', '1_model'].flatMap((group) => [
  models('turnkeep.testModel', `${group}@1`, CALLABLE),
  models('turnkeep.setModelAlias', `${group}@2`, ANY),
  models('turnkeep.setModelThreshold', `${group}@3`, ANY),
  models('turnkeep.showModel', `${group}@4`, ANY),
  models('turnkeep.deactivateModel', `${group}@5`, ACTIVE),
  models('turnkeep.activateModel', `${group}@5`, INACTIVE),
]);

/** Menus beside the command palette, whose rows come from the commands' `palette`. */
export const menus: Record<string, MenuRow[]> = {
  'view/title': [
    {
      command: 'turnkeep.captureTurn',
      when: 'view == turnkeep.conversations',
      group: 'navigation@1',
    },
    { command: 'turnkeep.search', when: 'view == turnkeep.conversations', group: 'navigation@2' },
    {
      command: 'turnkeep.rehydrate',
      when: 'view == turnkeep.conversations',
      group: 'navigation@3',
    },
    {
      command: 'turnkeep.refreshConversations',
      when: 'view == turnkeep.conversations',
      group: 'navigation@4',
    },
    {
      command: 'turnkeep.showStatistics',
      when: 'view == turnkeep.conversations',
      group: '1_session@1',
    },
    {
      command: 'turnkeep.closeSession',
      when: 'view == turnkeep.conversations',
      group: '1_session@2',
    },
    {
      command: 'turnkeep.setUpWorkspace',
      when: 'view == turnkeep.conversations',
      group: '2_setup@1',
    },
    { command: 'turnkeep.installCli', when: 'view == turnkeep.conversations', group: '2_setup@2' },
    {
      command: 'turnkeep.importHistory',
      when: 'view == turnkeep.conversations',
      group: '2_setup@3',
    },
    ...modelButtons,
    {
      command: 'turnkeep.refreshIntegrations',
      when: 'view == turnkeep.integrations',
      group: 'navigation@3',
    },
    ...captureButtons,
    {
      command: 'turnkeep.restartServer',
      when: 'view == turnkeep.integrations',
      group: '1_server@1',
    },
    { command: 'turnkeep.showLog', when: 'view == turnkeep.integrations', group: '1_server@2' },
    { command: 'turnkeep.setDatabase', when: 'view == turnkeep.integrations', group: '1_server@3' },
  ],
  'view/item/context': [
    { command: 'turnkeep.openMarkdown', when: inTree('session', 'turn'), group: '1_open@1' },
    { command: 'turnkeep.openSource', when: inTree('session', 'turn'), group: '1_open@2' },
    { command: 'turnkeep.copyMarkdown', when: inTree('session', 'turn'), group: '2_copy@1' },
    { command: 'turnkeep.renameProject', when: inTree('project'), group: '3_project@1' },
    { command: 'turnkeep.mergeProject', when: inTree('project'), group: '3_project@2' },
    {
      command: 'turnkeep.deleteStored',
      when: inTree('project', 'session', 'turn'),
      group: '9_delete@1',
    },
    { command: 'turnkeep.openMarkdown', when: inTree('session'), group: 'inline@1' },
    { command: 'turnkeep.copyMarkdown', when: inTree('session', 'turn'), group: 'inline@2' },
    ...modelActions,
    {
      command: 'turnkeep.fixIntegration',
      when: `view == turnkeep.integrations && viewItem == ${itemKinds.integration}`,
      group: 'inline@1',
    },
  ],
  'editor/title': [
    {
      command: 'turnkeep.acceptDraft',
      when: 'resourceScheme == turnkeep-draft',
      group: 'navigation@1',
    },
    {
      command: 'turnkeep.discardDraft',
      when: 'resourceScheme == turnkeep-draft',
      group: 'navigation@2',
    },
    { command: 'turnkeep.useContext', when: CONTEXT_OPEN, group: 'navigation@1' },
  ],
  'editor/context': [
    {
      command: 'turnkeep.captureTurn',
      when: 'editorHasSelection && resourceScheme != turnkeep-draft',
      group: '9_turnkeep@1',
    },
  ],
};
