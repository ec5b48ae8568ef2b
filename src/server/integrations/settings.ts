import { DEFAULT_SETTINGS, type IntegrationSettings } from '../../contracts/integrations.ts';

type Defaults = { [K in keyof typeof DEFAULT_SETTINGS]: number };
/** Settings in which every figure has its value. */
export type FullSettings = Omit<IntegrationSettings, keyof Defaults> & Defaults;

export function fullSettings(settings: IntegrationSettings): FullSettings {
  // What is stored came from JSON: a field that is there has a value.
  return { ...DEFAULT_SETTINGS, ...settings } as FullSettings;
}
