import { Command } from 'commander';
import { VERSION } from '../contracts/version.ts';
import { wantsJson } from './argv.ts';
import { asThrower, examplesText } from './verb.ts';
import { addAi } from './verbs/ai.ts';
import { addApi } from './verbs/api.ts';
import { addAudit } from './verbs/audit.ts';
import { addAuth } from './verbs/auth.ts';
import { addCaptureBatch } from './verbs/captureBatch.ts';
import { addCaptureControl } from './verbs/captureControl.ts';
import { addCaptureQuery } from './verbs/captureQuery.ts';
import { addCaptureResponse } from './verbs/captureResponse.ts';
import { addCaptureTurn } from './verbs/captureTurn.ts';
import { addClose } from './verbs/close.ts';
import { addContext } from './verbs/context.ts';
import { addDb } from './verbs/db.ts';
import { addDelete } from './verbs/delete.ts';
import { addDoctor } from './verbs/doctor.ts';
import { addEval } from './verbs/eval.ts';
import { addExport } from './verbs/export.ts';
import { addHooks } from './verbs/hooks.ts';
import { addImport } from './verbs/import.ts';
import { addIntegrations } from './verbs/integrations.ts';
import { addLogs } from './verbs/logs.ts';
import { addMcp } from './verbs/mcp.ts';
import { addModels } from './verbs/models.ts';
import { addProject } from './verbs/project.ts';
import { addRedact } from './verbs/redact.ts';
import { addRehydrate } from './verbs/rehydrate.ts';
import { addSearch } from './verbs/search.ts';
import { addServe } from './verbs/serve.ts';
import { addSetup } from './verbs/setup.ts';
import { addStats } from './verbs/stats.ts';
import { addStatus } from './verbs/status.ts';
import { addStop } from './verbs/stop.ts';
import { addToken } from './verbs/token.ts';
import { addTrust } from './verbs/trust.ts';
import { addWebhooks } from './verbs/webhooks.ts';

const GROUPS: [heading: string, verbs: ((program: Command) => void)[]][] = [
  [
    'Conversations:',
    [addCaptureTurn, addCaptureQuery, addCaptureResponse, addCaptureBatch, addStats, addClose],
  ],
  ['Memory:', [addSearch, addRehydrate, addContext]],
  ['Evaluation:', [addEval, addTrust]],
  ['Models:', [addModels, addAi]],
  ['Systems around:', [addIntegrations, addWebhooks, addAudit]],
  ['Data:', [addImport, addExport, addDelete, addProject, addRedact, addDb]],
  ['Server:', [addServe, addStatus, addStop, addToken, addAuth, addLogs, addApi, addMcp]],
  ['Set-up:', [addSetup, addHooks, addCaptureControl, addDoctor]],
];

const AFTER_HELP = `
${examplesText([
  ['turnkeep capture-turn "What is the project status?" "All systems work."', 'keep a turn'],
  ['turnkeep search "project status"', 'find it again'],
  ['turnkeep doctor', 'when something does not work'],
])}

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 server unreachable, 4 refused.
Environment: TURNKEEP_HOME, TURNKEEP_PROJECT, TURNKEEP_PORT, POSTGRES_DSN, TURNKEEP_LOG_LEVEL, NO_COLOR.`;

/** The whole command line: every verb, and the options that all of them share. */
export function createProgram(): Command {
  const program = asThrower(new Command('turnkeep'));
  program
    .description('Keeps every turn of your AI conversations on this machine, and finds them again.')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--json', 'print one JSON value; errors as one JSON line on standard error')
    .option('--project <NAME>', 'the project, by name or folder (default: that of this folder)')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true })
    // Errors are told in one place; help for a missing command is no part of a program's output.
    .configureOutput({
      outputError: () => {},
      writeErr: (text) => void (wantsJson(process.argv) || process.stderr.write(text)),
    })
    .addHelpText('after', AFTER_HELP);
  for (const [heading, verbs] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of verbs) add(program);
  }
  return program;
}
