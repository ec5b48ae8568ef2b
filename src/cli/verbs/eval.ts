import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addEvalBaseline } from './eval/baseline.ts';
import { addEvalCancel } from './eval/cancel.ts';
import { addEvalHistory } from './eval/history.ts';
import { addEvalResult } from './eval/result.ts';
import { addEvalRun } from './eval/run.ts';
import { addEvalStatus } from './eval/status.ts';

export function addEval(program: Command): void {
  const group = asThrower(
    program.command('eval').summary('measure a project by a script, or how well turns are found'),
  );
  group.description('Evaluations: their metrics, their history, and what became of each metric.');
  addEvalRun(group);
  addEvalStatus(group);
  addEvalResult(group);
  addEvalCancel(group);
  addEvalHistory(group);
  addEvalBaseline(group);
}
