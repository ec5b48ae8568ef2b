/** Names that a program needs to find other programs and its person's files. */
const KEPT_POSIX = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ'];
const KEPT_WINDOWS = [
  ...['PATH', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'TEMP', 'TMP'],
  ...['USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'APPDATA'],
];

/**
 * The least environment that programs are run in: where programs and files are, and no more. What
 * the server was started with beside that (a database's password, keys of models) stays with it.
 */
export function leastEnvironment(given: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = process.platform === 'win32' ? KEPT_WINDOWS : KEPT_POSIX;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    // Windows does not mind the case of a name.
    const wanted = process.platform === 'win32' ? name.toUpperCase() : name;
    if (value !== undefined && names.includes(wanted)) kept[name] = value;
  }
  return kept;
}
