type Sdk = typeof import('./sdk.ts');

let loading: Promise<Sdk> | undefined;

/** The AI SDK: a file of its own that the first call loads, so that a start is as it was. */
export function loadSdk(): Promise<Sdk> {
  loading ??= import('./sdk.ts');
  return loading;
}
