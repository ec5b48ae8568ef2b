/** Provider of a model whose name tells nothing. */
export const UNKNOWN_PROVIDER = 'unknown';

/**
 * Whose model a name is, by how it begins. Providers are named as OpenTelemetry names them
 * (`gen_ai.provider.name`) where it does. docs/models.md has this table for people.
 */
const TABLE: readonly (readonly [RegExp, string])[] = [
  [/^claude/, 'anthropic'],
  [/^(gpt-|chatgpt|codex|o[1-9]([-.]|$)|text-embedding-|davinci|whisper-)/, 'openai'],
  [/^(gemini|gemma)/, 'gcp.gemini'],
  [/^(mistral|mixtral|codestral|ministral|devstral|magistral|pixtral)/, 'mistral_ai'],
  [/^grok/, 'x_ai'],
  [/^deepseek/, 'deepseek'],
  [/^command-/, 'cohere'],
  [/^sonar/, 'perplexity'],
  [/^(composer|cursor-)/, 'cursor'],
  [/^(llama|codellama)/, 'meta'],
  [/^(qwen|qwq)/, 'alibaba'],
  [/^kimi/, 'moonshot_ai'],
  [/^glm-/, 'zhipu_ai'],
  [/^phi-?\d/, 'microsoft'],
];

/** The provider that a model's name lets one guess: of `vendor/name` by what follows the vendor. */
export function guessProvider(name: string): string {
  const own = name.toLowerCase().split('/').at(-1) ?? '';
  return TABLE.find(([pattern]) => pattern.test(own))?.[1] ?? UNKNOWN_PROVIDER;
}
