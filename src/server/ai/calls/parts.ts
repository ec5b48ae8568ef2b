import type { Models } from '../../models/service.ts';
import type { AiSettingsStore } from '../settings.ts';
import type { Spending } from '../spending/spending.ts';
import type { Breakers } from './breakers.ts';
import type { Recorder } from './run.ts';

/** What calls of models are made with. */
export type CallParts = {
  models: Models;
  settings: AiSettingsStore;
  spending: Spending;
  breakers: Breakers;
  record: Recorder;
};
