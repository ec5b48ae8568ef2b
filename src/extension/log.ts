import * as vscode from 'vscode';
import { problemOf } from './problem.ts';

/** The extension's own log. Never given conversation text, tokens or passwords. */
export type Log = vscode.LogOutputChannel;

/** Opens the output channel "Turnkeep". */
export function createLog(): Log {
  return vscode.window.createOutputChannel('Turnkeep', { log: true });
}

/** Runs something nobody waits for; what it throws goes to the log. */
export function inBackground(log: Log, what: string, work: Promise<unknown>): void {
  work.catch((thrown: unknown) => log.warn(`${what}: ${problemOf(thrown).message}`));
}
