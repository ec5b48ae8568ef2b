import * as vscode from 'vscode';
import type { ProjectSummary } from '../../contracts/conversations.ts';
import type { App } from '../app.ts';
import { count, oneLine } from '../pages/plainText.ts';
import type { Chosen } from './stored.ts';

const MOST = 200;

/** The project that a command is about: that of the menu or the selection, else the one picked. */
async function projectOf(
  app: App,
  chosen: Chosen,
  argument: unknown,
  title: string,
): Promise<ProjectSummary | undefined> {
  const node = chosen(argument);
  if (node?.kind === 'project') return node.project;
  return pickProject(app, title, 'Which project?', () => true);
}

async function pickProject(
  app: App,
  title: string,
  placeHolder: string,
  isOffered: (project: ProjectSummary) => boolean,
): Promise<ProjectSummary | undefined> {
  const { projects } = await app.server.call('list_projects', {});
  const items = projects.filter(isOffered).map((project) => ({
    label: oneLine(project.name) || 'default',
    description: `${count(project.session_count, 'session')} · ${oneLine(project.key, 120)}`,
    project,
  }));
  if (items.length === 0) {
    await app.messages.report('There is no other project.');
    return undefined;
  }
  const options = { title, placeHolder, matchOnDescription: true };
  return (await vscode.window.showQuickPick(items, options))?.project;
}

/** Gives a project another name; what is captured in its folder goes on belonging to it. */
export function renameProject(app: App, chosen: Chosen) {
  return async (argument?: unknown) => {
    const title = 'Rename Project';
    const project = await projectOf(app, chosen, argument, title);
    if (!project) return;
    const name = await vscode.window.showInputBox({
      title,
      value: project.name,
      prompt: `Its key stays: ${oneLine(project.key, 200)}`,
      validateInput: (text) => {
        if (text.trim() === '') return 'Give the project a name.';
        return text.length > MOST ? `A name has ${MOST} characters at most.` : undefined;
      },
    });
    if (name === undefined || name.trim() === project.name) return;
    const input = { project: project.project_id, name: name.trim() };
    const done = await app.server.call('rename_project', input);
    app.captures.touched();
    app.messages.done(`Turnkeep: the project is called “${oneLine(done.name, 60)}” now.`);
  };
}

/** Moves everything of one project into another, after asking; it cannot be taken apart again. */
export function mergeProject(app: App, chosen: Chosen) {
  return async (argument?: unknown) => {
    const title = 'Merge Project Into';
    const from = await projectOf(app, chosen, argument, title);
    if (!from) return;
    const name = oneLine(from.name, 60);
    const isOther = ({ project_id }: ProjectSummary) => project_id !== from.project_id;
    const into = await pickProject(app, title, `Into which does “${name}” go?`, isOther);
    if (!into) return;
    const question = `Merge “${name}” into “${oneLine(into.name, 60)}”?`;
    const detail = `${count(from.session_count, 'session')} move over, and what is captured in the folder of “${name}” belongs there from now on. This cannot be undone.`;
    if (!(await app.messages.agree(question, detail, 'Merge'))) return;
    await app.server.call('merge_projects', { from: from.project_id, into: into.project_id });
    app.captures.touched();
    app.messages.done(`Turnkeep: “${name}” is part of “${oneLine(into.name, 60)}” now.`);
  };
}
