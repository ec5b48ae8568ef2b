import type { Command } from 'commander';
import { asThrower } from '../verb.ts';
import { addDeadLetters } from './captureControlDeadLetters.ts';
import { addExclude, addInclude } from './captureControlExclude.ts';
import { addCaptureStatus } from './captureControlStatus.ts';
import { addPause, addResume, addUnwatch, addWatch } from './captureControlSwitches.ts';

export function addCaptureControl(program: Command): void {
  const capture = asThrower(program.command('capture').summary('look after automatic capture'));
  capture.description(
    'Looks after automatic capture: what arrives, what is watched, and what is never stored.',
  );
  addCaptureStatus(capture);
  addPause(capture);
  addResume(capture);
  addWatch(capture);
  addUnwatch(capture);
  addExclude(capture);
  addInclude(capture);
  addDeadLetters(capture);
}
