/** The outcome of one check; `mend` says what to do about a warning or a failure. */
export type Check = {
  name: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  mend?: string;
};

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail });
export const warn = (name: string, detail: string, mend: string): Check => {
  return { name, state: 'warn', detail, mend };
};
export const fail = (name: string, detail: string, mend: string): Check => {
  return { name, state: 'fail', detail, mend };
};
