import type { Models } from '../../models/service.ts';
import type { KnownModels } from '../providers/known.ts';
import type { AiSettingsStore } from '../settings.ts';
import type { Spending } from '../spending/spending.ts';
import type { Breakers } from './breakers.ts';
import type { Recorder } from './run.ts';

/** What calls of models are made with. */
export type CallParts = {
  models: Models;
  /** The same as they were a moment ago, for what each call asks. */
  known: KnownModels;
  settings: AiSettingsStore;
  spending: Spending;
  breakers: Breakers;
  record: Recorder;
};
