import * as vscode from 'vscode';
import type { MemoryRole } from '../../contracts/memory.ts';
import type { Choice } from '../capture/pickOrType.ts';
import { pickOrType } from '../capture/pickOrType.ts';
import { BUDGETS, parseBudget } from './contextText.ts';

/** What Rehydrate Context is asked for. */
export type Wanted = { query: string; role: MemoryRole; budget: number; everywhere: boolean };
type Remembered = Omit<Wanted, 'query'>;

const TITLE = 'Rehydrate Context';
const KEY = 'turnkeep.rehydrate';
const FIRST: Remembered = { role: 'general', budget: 4_000, everywhere: false };

const ROLES: Record<MemoryRole, string> = {
  general: 'what matches the question best',
  planner: 'decisions, goals and next actions first',
  implementer: 'code, files and next actions first',
  researcher: 'more results, from several conversations',
  coder: 'code, files and preferences first',
};

/** Asks for the question, the role and the budget; role, budget and scope are remembered. */
export async function askRehydrate(
  memory: vscode.Memento,
  suggested: string,
): Promise<Wanted | undefined> {
  const last = { ...FIRST, ...memory.get<Partial<Remembered>>(KEY) };
  const asked = await askQuestion(suggested, last.everywhere);
  if (!asked) return undefined;
  const role = await askRole(last.role);
  if (!role) return undefined;
  const budget = await askBudget(last.budget);
  if (!budget) return undefined;
  await memory.update(KEY, { role, budget, everywhere: asked.everywhere });
  return { ...asked, role, budget };
}

function askQuestion(
  suggested: string,
  remembered: boolean,
): Promise<{ query: string; everywhere: boolean } | undefined> {
  const input = vscode.window.createInputBox();
  const here = { iconPath: new vscode.ThemeIcon('folder'), tooltip: 'Use This Project Only' };
  const all = { iconPath: new vscode.ThemeIcon('globe'), tooltip: 'Use All Projects' };
  let everywhere = remembered;
  const draw = () => {
    input.title = `${TITLE} · ${everywhere ? 'all projects' : 'this project'}`;
    input.buttons = [everywhere ? here : all];
  };
  input.step = 1;
  input.totalSteps = 3;
  input.value = suggested;
  input.prompt = 'What is the context for? A question or a task, in your own words';
  input.ignoreFocusOut = true;
  draw();
  return new Promise((resolve) => {
    input.onDidTriggerButton((pressed) => {
      everywhere = pressed === all;
      draw();
    });
    input.onDidChangeValue(() => {
      input.validationMessage = undefined;
    });
    input.onDidAccept(() => {
      const query = input.value.trim();
      if (query === '') input.validationMessage = 'Type something, or press Escape.';
      else resolve({ query, everywhere });
      if (query !== '') input.hide();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}

async function askRole(last: MemoryRole): Promise<MemoryRole | undefined> {
  const names = Object.keys(ROLES) as MemoryRole[];
  // The one of last time is the first: Enter takes it.
  const ordered = [last, ...names.filter((name) => name !== last)];
  const rows = ordered.map((role) => ({ label: role, description: ROLES[role], role }));
  const title = `${TITLE} (2/3)`;
  const placeHolder = 'Who is it for? This decides what comes first';
  const options = { title, placeHolder, ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(rows, options))?.role;
}

function askBudget(last: number): Promise<number | undefined> {
  const budgets = [...new Set([last, ...BUDGETS])];
  const row = (budget: number): Choice<number | undefined> => ({
    label: `${budget.toLocaleString('en')} tokens`,
    ...(budget === last ? { description: 'as last time' } : {}),
    value: budget,
  });
  return pickOrType<number | undefined>({
    title: `${TITLE} (3/3)`,
    placeholder: 'The most that it may hold; choose, or type a number such as 3000 or 12k',
    choices: budgets.map(row),
    typed: (text) => {
      const budget = parseBudget(text);
      if (budget) return row(budget);
      return { label: '$(warning) A number from 50 to 200,000', value: undefined };
    },
  });
}
