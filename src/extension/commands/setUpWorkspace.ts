import { join, relative } from 'node:path';
import * as vscode from 'vscode';
import type { FileEdit } from '../../client/jsoncFile.ts';
import { type Home, homeLayout } from '../../contracts/home.ts';
import type { App } from '../app.ts';
import { diskFolder } from '../callContext.ts';
import { client } from '../clientLoader.ts';
import type { McpRegistrations } from '../hosts/registrations.ts';
import { problemOf } from '../problem.ts';

type Part = vscode.QuickPickItem & { plan: (root: string) => Promise<FileEdit> };

/**
 * Asks what to set up for this folder, shows the changes, writes them after consent, and proves that
 * it works with a test capture that is removed again.
 */
export function setUpWorkspace(app: App, mcp: McpRegistrations) {
  return async () => {
    const root = diskFolder()?.uri.fsPath;
    if (!root) {
      await app.messages.failed('Open a folder on disk first: its configuration is written there.');
      return;
    }
    if (!vscode.workspace.isTrusted) {
      const text = 'This folder is not trusted, so nothing is written into it.';
      const picked = await app.messages.failed(text, 'Manage Workspace Trust');
      if (picked) await vscode.commands.executeCommand('workbench.trust.manage');
      return;
    }
    const parts = await askParts(app);
    if (!parts) return;
    const edits = await Promise.all(parts.map((part) => part.plan(root)));
    const open = edits.filter(({ before, after }) => before !== after);
    if (open.length > 0 && !(await agreeTo(app, open, root))) return;
    for (const edit of open) await client().applyEdit(edit);
    mcp.forgetProbe();
    const proof = await prove(app);
    app.captures.touched();
    const files = edits.map(({ file }) => relative(root, file)).join(', ');
    const written = open.length > 0 ? `Set up: ${files}.` : `${files}: already as they should be.`;
    if (proof.works) await app.messages.report(`${written} ${proof.text}`);
    else {
      const picked = await app.messages.failed(`${written} ${proof.text}`, 'Show What Is Wrong');
      if (picked) await vscode.commands.executeCommand('turnkeep.showProblem');
    }
  };
}

const editorVariable = (name: string) => `\${${name}}`;

/** The file may be shared with others, so the folder goes in as the editors' own variable. */
function registrationEnv(home: Home): Record<string, string> {
  const moved = home.root !== homeLayout({}).root;
  return {
    TURNKEEP_PROJECT: editorVariable('workspaceFolder'),
    ...(moved ? { TURNKEEP_HOME: home.root } : {}),
  };
}

async function askParts(app: App): Promise<Part[] | undefined> {
  const command = client().launcherPath(app.server.home);
  const registration = (editor: 'vscode' | 'cursor', file: string) => (root: string) =>
    client().planMcpRegistration({
      editor,
      file: join(root, file),
      command,
      args: ['mcp'],
      env: registrationEnv(app.server.home),
    });
  const tasks = (root: string) =>
    client().planTasks({ file: join(root, '.vscode', 'tasks.json'), command });
  const parts: Part[] = [
    {
      label: 'MCP server for VS Code',
      description: '.vscode/mcp.json',
      picked: true,
      plan: registration('vscode', '.vscode/mcp.json'),
    },
    {
      label: 'MCP server for Cursor',
      description: '.cursor/mcp.json',
      picked: true,
      plan: registration('cursor', '.cursor/mcp.json'),
    },
    {
      label: 'Tasks for the five capture actions',
      description: '.vscode/tasks.json',
      picked: true,
      plan: tasks,
    },
  ];
  const picked = await vscode.window.showQuickPick(parts, {
    title: 'Set Up Workspace',
    placeHolder: 'What to set up in this folder',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked && picked.length > 0 ? picked : undefined;
}

async function agreeTo(app: App, edits: FileEdit[], root: string): Promise<boolean> {
  const lines = edits.map(({ file, before }) => {
    const how = before === null ? 'is made' : 'gets Turnkeep entries; the rest of it stays';
    return `${relative(root, file)} ${how}.`;
  });
  const kept = edits.some(({ before }) => before !== null)
    ? ['', 'What was there is kept beside it as *.turnkeep-backup.']
    : [];
  return app.messages.agree('Write these files?', [...lines, ...kept].join('\n'), 'Write');
}

type Proof = { works: boolean; text: string };

async function prove(app: App): Promise<Proof> {
  try {
    const captured = await app.server.call('capture_turns', {
      turns: [
        {
          query: 'Turnkeep set-up test: does a capture arrive?',
          response: 'It does. This turn is removed again at once.',
          metadata: { turnkeep_setup_test: true },
        },
      ],
    });
    const [turn_id] = captured.turn_ids;
    if (!turn_id) throw new Error('The server kept no turn.');
    await app.server.call('delete_conversations', { turn_id });
    const { database } = await app.server.call('get_server_status', {});
    return {
      works: true,
      text: `A test capture arrived (${database.engine} database) and was removed again.`,
    };
  } catch (thrown) {
    return { works: false, text: `The test capture failed: ${problemOf(thrown).message}` };
  }
}
