import { Histogram, type Registry } from 'prom-client';

/** What the measures want to know of a call of a model. */
export type MeasuredCall = {
  provider: string;
  model_name: string;
  operation: string;
  duration_ms: number | null;
  first_token_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  error_kind: string | null;
};

/** The bounds that OpenTelemetry's conventions for generative AI name, in seconds and tokens. */
const SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

const LABELS = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const;
type Label = (typeof LABELS)[number];

/** Measures of the calls of models by the names of OpenTelemetry, as Prometheus writes them. */
export class ModelMeasures {
  readonly #seconds: Histogram<Label | 'error_type'>;
  readonly #firstChunk: Histogram<Label>;
  readonly #tokens: Histogram<Label | 'gen_ai_token_type'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#seconds = new Histogram({
      name: 'gen_ai_client_operation_duration_seconds',
      help: 'Duration of a call of a model, or of a captured turn.',
      labelNames: [...LABELS, 'error_type'],
      ...{ buckets: SECONDS, registers },
    });
    this.#firstChunk = new Histogram({
      name: 'gen_ai_client_operation_time_to_first_chunk_seconds',
      help: 'Time until the first part of a streamed answer.',
      labelNames: [...LABELS],
      ...{ buckets: SECONDS, registers },
    });
    this.#tokens = new Histogram({
      name: 'gen_ai_client_token_usage',
      help: 'Tokens of a call, read and written.',
      labelNames: [...LABELS, 'gen_ai_token_type'],
      ...{ buckets: TOKENS, registers },
    });
  }

  observe(call: MeasuredCall): void {
    const labels = {
      gen_ai_operation_name: call.operation,
      gen_ai_provider_name: call.provider,
      gen_ai_request_model: call.model_name,
    };
    if (call.duration_ms !== null) {
      const failed = call.error_kind === null ? {} : { error_type: call.error_kind };
      this.#seconds.observe({ ...labels, ...failed }, call.duration_ms / 1000);
    }
    if (call.first_token_ms !== null) this.#firstChunk.observe(labels, call.first_token_ms / 1000);
    for (const type of ['input', 'output'] as const) {
      const tokens = call[`${type}_tokens`];
      if (tokens !== null) this.#tokens.observe({ ...labels, gen_ai_token_type: type }, tokens);
    }
  }
}
