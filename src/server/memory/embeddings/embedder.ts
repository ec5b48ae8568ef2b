/** What makes vectors of texts for the memory: the model that the person has switched on for it. */
export interface Embedder {
  /** Its id; null when none is switched on. @throws TurnkeepError when it is not there any more. */
  model(): Promise<string | null>;
  /**
   * A vector for each text, by this model alone.
   * @throws TurnkeepError when it cannot be asked, fails, or would cost more than the day's limit.
   */
  embed(
    texts: string[],
    options: { signal: AbortSignal; timeoutMs?: number },
  ): Promise<{ model: string; vectors: number[][] }>;
}
