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
const HOOKLESS: ReadonlySet<HookAgent> = new Set(['codex']);

/**
 * Asks whose turns are to be captured by themselves and whether the past comes in too, shows what
 * that writes, and writes it after consent.
 */
export function turnOnCapture(app: App) {
  return async () => {
    const agents = await askAgents(app);
    if (!agents) return;
    const scope = await askScope();
    if (!scope) return;
    const watched = await askPast(agents);
    if (!watched) return;
    const plan = await planOrOpen(app, () => planFor(app, agents, scope));
    if (!plan) return;
    const { changes, hooks, withPlugin } = plan;
    if (changes.length > 0 && !(await agree(app, agents, changes))) return;
    if (hooks.length > 0) await client().applyHooks(hooks, hookProgram(app));
    if (withPlugin) await app.cursorPlugin.turnOn();
    await watch(app, agents, watched);
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
        ...(HOOKLESS.has(agent) ? { detail: 'Has no hooks: its own records are read.' } : {}),
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

/**
 * The agents whose own records are read: watching one takes in what it has stored before, so the
 * person decides. Of an agent without hooks the records are all that there is.
 */
async function askPast(agents: HookAgent[]): Promise<HookAgent[] | undefined> {
  const hookless = agents.filter((agent) => HOOKLESS.has(agent));
  if (hookless.length === agents.length) return agents;
  const besides = hookless.length > 0 ? `; of ${agentNames(hookless)}, all of it` : '';
  const items: (vscode.QuickPickItem & { watched: HookAgent[] })[] = [
    {
      label: '$(history) What was said before, too',
      description: 'what these agents keep on this machine is read now, and kept up to date',
      watched: agents,
    },
    {
      label: '$(arrow-right) From now on',
      description: `their hooks alone${besides}; Import History brings in what you choose`,
      watched: hookless,
    },
  ];
  const options = { title: TITLE, placeHolder: 'What is stored', ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.watched;
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
    const note = 'Cursor runs this plugin, and its own files stay as they are';
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

async function watch(app: App, agents: HookAgent[], watched: HookAgent[]): Promise<void> {
  const { captureState, messages } = app;
  try {
    const { watch: before } = await captureState.read();
    const all = [...new Set([...before, ...watched])];
    if (all.length > before.length) await captureState.set({ watch: all });
  } catch (thrown) {
    const reason = problemOf(thrown).message;
    await messages.failed(
      `The hooks are in place, and what they bring waits until the server runs. Reading the agents' own records could not be turned on: ${reason} Run this command again then.`,
    );
    return;
  }
  app.captures.touched();
  const texts = [
    `Automatic capture is on for ${agentNames(agents)}. Agents that run already take it up when they start anew.`,
    ...(watched.length === agents.length ? ['What was said before is being read.'] : []),
    ...(captureState.paused ? ['Capture is paused now.'] : []),
  ];
  const actions = [
    ...(captureState.paused ? ['Resume Capture'] : []),
    ...(watched.length < agents.length ? ['Import History'] : []),
  ];
  const picked = await messages.report(texts.join(' '), ...actions);
  if (picked === 'Resume Capture') await vscode.commands.executeCommand('turnkeep.resumeCapture');
  if (picked === 'Import History') await vscode.commands.executeCommand('turnkeep.importHistory');
}
