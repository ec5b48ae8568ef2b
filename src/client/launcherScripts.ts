/**
 * The scripts that other programs are told to run. They read `installs.tsv` beside them (version,
 * Node, CLI; newest first), and run the first CLI that still exists. Standard input stays the
 * caller's: the list is read from descriptor 3.
 */
export const LAUNCHER_SH = `#!/bin/sh
# Runs the newest installed Turnkeep. Turnkeep writes this file again with every update.
self=$0
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in
    /*) self=$link ;;
    *) self=$(dirname -- "$self")/$link ;;
  esac
done
here=$(CDPATH= cd -- "$(dirname -- "$self")" && pwd -P) || exit 1
tab=$(printf '\\t')
node=
cli=
if [ -r "$here/installs.tsv" ]; then
  while IFS=$tab read -r version node cli <&3; do
    [ -f "$cli" ] && break
    cli=
  done 3< "$here/installs.tsv"
fi
if [ -z "$cli" ]; then
  echo "turnkeep: no installed Turnkeep is left. Install the extension again." >&2
  exit 1
fi
# The home of this script, unless the caller says another.
: "\${TURNKEEP_HOME:=$(dirname -- "$here")}"
export TURNKEEP_HOME
if [ -x "$node" ]; then
  ELECTRON_RUN_AS_NODE=1
  export ELECTRON_RUN_AS_NODE
  exec "$node" "$cli" "$@"
fi
if command -v node > /dev/null 2>&1; then
  exec node "$cli" "$@"
fi
echo "turnkeep: the editor that Turnkeep ran with is gone ($node), and there is no node on PATH. Install Node.js 20 or later, or open the editor once." >&2
exit 1
`;

// The list is UTF-8, and a user name in a path may need it: the console's code page is changed for
// the reading alone.
const cmdLines = [
  '@echo off',
  'rem Runs the newest installed Turnkeep. Turnkeep writes this file again with every update.',
  'setlocal EnableExtensions DisableDelayedExpansion',
  'set "TURNKEEP_NODE="',
  'set "TURNKEEP_CLI="',
  'set "TURNKEEP_CODE_PAGE="',
  'for /f "tokens=2 delims=:." %%p in (\'chcp\') do set "TURNKEEP_CODE_PAGE=%%p"',
  'chcp 65001 > nul',
  'if exist "%~dp0installs.tsv" for /f "usebackq tokens=1,2,3 delims=\t" %%a in ("%~dp0installs.tsv") do (',
  '  if not defined TURNKEEP_CLI if exist "%%~c" (',
  '    set "TURNKEEP_NODE=%%~b"',
  '    set "TURNKEEP_CLI=%%~c"',
  '  )',
  ')',
  'if defined TURNKEEP_CODE_PAGE chcp %TURNKEEP_CODE_PAGE% > nul',
  'if not defined TURNKEEP_CLI (',
  '  echo turnkeep: no installed Turnkeep is left. Install the extension again. 1>&2',
  '  exit /b 1',
  ')',
  'if not defined TURNKEEP_HOME for %%h in ("%~dp0..") do set "TURNKEEP_HOME=%%~fh"',
  'if not exist "%TURNKEEP_NODE%" set "TURNKEEP_NODE="',
  'if defined TURNKEEP_NODE (',
  '  set "ELECTRON_RUN_AS_NODE=1"',
  ') else (',
  '  set "TURNKEEP_NODE=node"',
  ')',
  '"%TURNKEEP_NODE%" "%TURNKEEP_CLI%" %*',
  'exit /b %ERRORLEVEL%',
  '',
];
export const LAUNCHER_CMD = cmdLines.join('\r\n');
