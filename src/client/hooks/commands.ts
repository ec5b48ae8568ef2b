/** Our own entries are known by this name in their commands. */
const LAUNCHER = /(?:^|[\\/])turnkeep-hook(?:\.cmd)?(?=$|['"\s])/;

/** Whether a command of a hook is one of ours, of whatever version and home. */
export function isOwnCommand(command: unknown): boolean {
  return typeof command === 'string' && LAUNCHER.test(command);
}

/** The command for sh and bash. */
export function shCommand(launcher: string, agent: string): string {
  const isPlain = /^[\w./-]+$/.test(launcher);
  return `${isPlain ? launcher : `'${launcher.replaceAll("'", "'\\''")}'`} ${agent}`;
}

/**
 * The command for Windows, where agents run hooks in PowerShell. A path of letters and digits goes
 * without quotes, so that cmd runs it too; another one needs the call operator, because PowerShell
 * only prints a quoted path.
 */
export function powerShellCommand(launcher: string, agent: string): string {
  if (/^[a-z]:[\p{L}\p{N}_.\\/-]+$/iu.test(launcher)) return `${launcher} ${agent}`;
  // PowerShell ends a string at typographic apostrophes as well.
  return `& '${launcher.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}' ${agent}`;
}
