import * as vscode from 'vscode';
import type { HookPlan } from '../../client/hooks/plan.ts';
import type { HookAgent } from '../../client/hooks/targets.ts';
import type { App } from '../app.ts';
import { client } from '../clientLoader.ts';
import { agentName, agentNames } from './agents.ts';
import { agreeToChanges, type Change } from './changes.ts';
import { hookPlaces, hookScopes, hookSource } from './hookPlaces.ts';
import { planOrOpen } from './malformed.ts';
import { changesOf } from './turnOn.ts';

const TITLE = 'Turn Off Automatic Capture';

/** Takes out what turning on put in, and nothing else, after showing it; what is stored stays. */
export function turnOffCapture(app: App) {
  return async () => {
    const on = await turnedOn(app);
    if (on.length === 0) {
      await app.messages.report('Automatic capture is not on here: there is nothing to turn off.');
      return;
    }
    const agents = await askAgents(on);
    if (!agents) return;
    const plan = await planOrOpen(app, () => planFor(app, agents));
    if (!plan) return;
    const { changes, hooks, withPlugin } = plan;
    const detail = 'what is stored stays';
    const question = { title: TITLE, action: `Turn Off for ${agentNames(agents)}`, detail };
    if (changes.length > 0 && !(await agreeToChanges(app, question, changes))) return;
    await client().applyHooks(hooks);
    if (withPlugin) await app.cursorPlugin.turnOff();
    const { watch } = await app.captureState.read();
    const rest = watch.filter((agent) => !agents.some((one) => one === agent));
    if (rest.length < watch.length) await app.captureState.set({ watch: rest });
    app.captures.touched();
    await app.messages.report(
      `Automatic capture is off for ${agentNames(agents)}. What is stored stays.`,
    );
  };
}

/** Agents whose hooks are here, in whatever state, or whose records are watched. */
async function turnedOn(app: App): Promise<HookAgent[]> {
  const agents = client().HOOK_AGENTS;
  const places = hookPlaces(app.server.home);
  const [{ watch }, states] = await Promise.all([
    app.captureState.read(),
    client().hooksStatus({
      ...places,
      agents,
      scopes: hookScopes(),
      hookSource: hookSource(app),
    }),
  ]);
  return agents.filter((agent) => {
    const hasHooks = states.some((one) => one.agent === agent && one.installed !== 'none');
    return hasHooks || watch.includes(agent);
  });
}

async function askAgents(on: HookAgent[]): Promise<HookAgent[] | undefined> {
  const items = on.map((agent) => ({ agent, label: agentName(agent), picked: true }));
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'Whose turns are not stored by themselves any more',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked && picked.length > 0 ? picked.map(({ agent }) => agent) : undefined;
}

type Plan = { changes: Change[]; hooks: HookPlan[]; withPlugin: boolean };

async function planFor(app: App, agents: HookAgent[]): Promise<Plan> {
  const { home } = app.server;
  const hooks: HookPlan[] = [];
  for (const scope of hookScopes()) {
    const isTrusted = scope === 'user' || vscode.workspace.isTrusted;
    const plans = await client().planUninstall({ ...hookPlaces(home), agents, scope });
    if (isTrusted) hooks.push(...plans);
  }
  const withPlugin = agents.includes('cursor') && client().hasCursorPlugin(home);
  const changes = changesOf(hooks);
  if (!withPlugin) return { changes, hooks, withPlugin };
  for (const { file } of client().cursorPluginFiles(hookPlaces(home))) {
    const before = await client().readOptional(file);
    if (before === null) continue;
    changes.push({ who: 'Cursor', file, before, after: null, note: 'the plugin is removed' });
  }
  return { changes, hooks, withPlugin };
}
