import * as vscode from 'vscode';
import type { HookPlan } from '../../client/hooks/plan.ts';
import type { HookAgent, HookScope } from '../../client/hooks/targets.ts';
import type { App } from '../app.ts';
import { client } from '../clientLoader.ts';
import { editorKind } from '../hosts/editor.ts';
import { problemOf } from '../problem.ts';
import { agentName, agentNames } from './agents.ts';
import { agreeToChanges, type Change } from './changes.ts';
import { hookPlaces, hookProgram, hookScopes } from './hookPlaces.ts';
import { planOrOpen } from './malformed.ts';

const TITLE = 'Turn On Automatic Capture';

/**
 * Asks whose turns are to be captured by themselves, shows what that writes, writes it after
 * consent, has the agents' own records watched, and offers to bring in the past.
 */
export function turnOnCapture(app: App) {
  return async () => {
    const agents = await askAgents(app);
    if (!agents) return;
    const scope = await askScope();
    if (!scope) return;
    const plan = await planOrOpen(app, () => planFor(app, agents, scope));
    if (!plan) return;
    const { changes, hooks, withPlugin } = plan;
    if (changes.length > 0 && !(await agree(app, agents, changes))) return;
    if (hooks.length > 0) await client().applyHooks(hooks, hookProgram(app));
    if (withPlugin) await app.cursorPlugin.turnOn();
    await watch(app, agents);
  };
}

type AgentItem = vscode.QuickPickItem & { agent: HookAgent };

async function askAgents(app: App): Promise<HookAgent[] | undefined> {
  const here = editorKind(vscode.env);
  const found = client().foundHookAgents(hookPlaces(app.server.home));
  const isFound = (agent: HookAgent) => agent === here || found.includes(agent);
  const items = client()
    .HOOK_AGENTS.map((agent): AgentItem => {
      return {
        agent,
        label: agentName(agent),
        description: agent === here ? 'this editor' : isFound(agent) ? '' : 'not found here',
        picked: isFound(agent),
        ...(agent === 'codex' ? { detail: 'Has no hooks: its own records are read.' } : {}),
      };
    })
    .sort((one, other) => Number(isFound(other.agent)) - Number(isFound(one.agent)));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'Whose turns are stored by themselves, as soon as they end',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked && picked.length > 0 ? picked.map(({ agent }) => agent) : undefined;
}

async function askScope(): Promise<HookScope | undefined> {
  // Files of a folder that is not trusted are not written.
  if (!hookScopes().includes('project') || !vscode.workspace.isTrusted) return 'user';
  const items: (vscode.QuickPickItem & { scope: HookScope })[] = [
    { label: '$(person) In everything I do on this machine', scope: 'user' },
    { label: '$(folder) In this folder alone', scope: 'project' },
  ];
  const options = { title: TITLE, placeHolder: 'Where', ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.scope;
}

type Plan = { changes: Change[]; hooks: HookPlan[]; withPlugin: boolean };

async function planFor(app: App, agents: HookAgent[], scope: HookScope): Promise<Plan> {
  const places = hookPlaces(app.server.home);
  const withPlugin = scope === 'user' && agents.includes('cursor') && app.cursorPlugin.isOffered;
  if (!withPlugin) {
    const hooks = await client().planHooks({ ...places, agents, scope });
    return { changes: changesOf(hooks), hooks, withPlugin };
  }
  const others = agents.filter((agent) => agent !== 'cursor');
  const hooks = await client().planHooks({ ...places, agents: others, scope });
  // Both ways would run every hook twice.
  for (const where of hookScopes()) {
    hooks.push(...(await client().planUninstall({ ...places, agents: ['cursor'], scope: where })));
  }
  return { changes: [...changesOf(hooks), ...(await pluginChanges(app))], hooks, withPlugin };
}

/** The changes of plans; those that change nothing are left out. */
export function changesOf(plans: readonly HookPlan[]): Change[] {
  return plans.flatMap(({ agents, file, before, after, note }) => {
    if (file === null || before === after) return [];
    return [{ who: agentNames(agents), file, before, after, note }];
  });
}

async function pluginChanges(app: App): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { file, text } of client().cursorPluginFiles(hookPlaces(app.server.home))) {
    const before = await client().readOptional(file);
    const note = 'Cursor runs this plugin; its own files stay as they are.';
    if (before !== text) changes.push({ who: 'Cursor', file, before, after: text, note });
  }
  return changes;
}

function agree(app: App, agents: HookAgent[], changes: Change[]): Promise<boolean> {
  const detail = `and the program they run, in ${app.server.home.bin}`;
  const files = changes.length === 1 ? 'This File' : `These ${changes.length} Files`;
  const title = `${TITLE}: ${agentNames(agents)}`;
  return agreeToChanges(app, { title, action: `Write ${files}`, detail }, changes);
}

async function watch(app: App, agents: HookAgent[]): Promise<void> {
  const { captureState, messages } = app;
  try {
    const { watch: before } = await captureState.read();
    await captureState.set({ watch: [...new Set([...before, ...agents])] });
  } catch (thrown) {
    const reason = problemOf(thrown).message;
    await messages.failed(
      `The hooks are in place, and what they bring waits until the server runs. Watching the agents' own records could not be turned on: ${reason} Run this command again then.`,
    );
    return;
  }
  app.captures.touched();
  const text = `Automatic capture is on for ${agentNames(agents)}. Agents that run already take it up when they start anew.`;
  const actions = captureState.paused
    ? (['Resume Capture', 'Import History'] as const)
    : (['Import History'] as const);
  const paused = captureState.paused ? ' It is paused now.' : '';
  const picked = await messages.report(text + paused, ...actions);
  if (picked === 'Resume Capture') await vscode.commands.executeCommand('turnkeep.resumeCapture');
  if (picked === 'Import History') await vscode.commands.executeCommand('turnkeep.importHistory');
}
