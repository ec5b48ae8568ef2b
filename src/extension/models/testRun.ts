/** How a test of a model went; its text is shown, not kept. */
export type TestRun = {
  model_id: string;
  text: string;
  first_token_ms: number | null;
  duration_ms: number;
  input_tokens: number | null;
  output_tokens: number | null;
  /** US dollars as decimal text. */
  cost: string | null;
};

/** What runs a test: gives pieces of the answer to `write` as they come. */
export type TestRequest = {
  model_id: string;
  prompt: string;
  write: (text: string) => void;
  signal: AbortSignal;
};
