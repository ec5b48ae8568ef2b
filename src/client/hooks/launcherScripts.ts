/**
 * What the agents' hooks run. Like the launcher of the command line they take Node from
 * `installs.tsv` beside them, but they never fail: they print `{}` first and end with 0, also when
 * no Node is left. The sh one starts no other program than Node, because it runs at every prompt.
 */
export const HOOK_LAUNCHER_SH = `#!/bin/sh
# Hands an agent's event to Turnkeep. Turnkeep writes this file again with every update.
printf '{}'
case $0 in
  */*) here=\${0%/*} ;;
  *) here=. ;;
esac
[ -r "$here/hook.mjs" ] || exit 0
# The home of this script, unless the caller says another.
: "\${TURNKEEP_HOME:=$here/..}"
export TURNKEEP_HOME
tab='	'
program=
if [ -r "$here/installs.tsv" ]; then
  while IFS=$tab read -r version node cli <&3; do
    [ -x "$node" ] && [ ! -d "$node" ] && program=$node && break
  done 3< "$here/installs.tsv"
fi
if [ -n "$program" ]; then
  ELECTRON_RUN_AS_NODE=1
  export ELECTRON_RUN_AS_NODE
else
  program=node
fi
"$program" "$here/hook.mjs" "$@" > /dev/null 2>&1
exit 0
`;

// The list is UTF-8, and a user name in a path may need it: the console's code page is changed for
// the reading alone.
const cmdLines = [
  '@echo off',
  "rem Hands an agent's event to Turnkeep. Turnkeep writes this file again with every update.",
  'setlocal EnableExtensions DisableDelayedExpansion',
  'echo {}',
  'if not exist "%~dp0hook.mjs" exit /b 0',
  'set "TURNKEEP_NODE="',
  'set "TURNKEEP_CODE_PAGE="',
  'for /f "tokens=2 delims=:." %%p in (\'chcp ^< nul\') do set "TURNKEEP_CODE_PAGE=%%p"',
  'chcp 65001 < nul > nul 2>&1',
  'if exist "%~dp0installs.tsv" for /f "usebackq tokens=1,2,3 delims=\t" %%a in ("%~dp0installs.tsv") do (',
  '  if not defined TURNKEEP_NODE if exist "%%~b" set "TURNKEEP_NODE=%%~b"',
  ')',
  'if defined TURNKEEP_CODE_PAGE chcp %TURNKEEP_CODE_PAGE% < nul > nul 2>&1',
  'if not defined TURNKEEP_HOME for %%h in ("%~dp0..") do set "TURNKEEP_HOME=%%~fh"',
  'if defined TURNKEEP_NODE (',
  '  set "ELECTRON_RUN_AS_NODE=1"',
  ') else (',
  '  set "TURNKEEP_NODE=node"',
  ')',
  '"%TURNKEEP_NODE%" "%~dp0hook.mjs" %* > nul 2>&1',
  'exit /b 0',
  '',
];
export const HOOK_LAUNCHER_CMD = cmdLines.join('\r\n');
