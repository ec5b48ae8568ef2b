/** What a provider of the tests says, in whatever form its kind has. */
export type Said = {
  pieces: string[];
  reasoning: string[];
  usage: { input: number; output: number } | null;
  /** `length` when it was cut off at the most tokens. */
  finish: 'stop' | 'length';
};

/** How a kind of provider puts an answer: events of a stream (begin, pieces, end), or a whole. */
export type Dialect = {
  begin(said: Said): string[];
  piece(text: string): string;
  reasoning(text: string): string[];
  end(said: Said): string[];
  whole(said: Said): unknown;
  error(message: string): unknown;
};

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { type: string }) => `event: ${value.type}\n${data(value)}`;

const chunk = (delta: object, finish_reason: string | null = null) => ({
  ...{ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'fake' },
  choices: [{ index: 0, delta, finish_reason }],
});
const counted = ({ usage }: Said) =>
  usage && { prompt_tokens: usage.input, completion_tokens: usage.output };

/** Chat completions, as OpenAI has made them and most others speak them. */
export const chatCompletions: Dialect = {
  begin: () => [data(chunk({ role: 'assistant', content: '' }))],
  piece: (text) => data(chunk({ content: text })),
  reasoning: (text) => [data(chunk({ reasoning_content: text }))],
  end: (said) => [
    data(chunk({}, said.finish)),
    ...(said.usage
      ? [
          data({
            id: 'c1',
            object: 'chat.completion.chunk',
            created: 1,
            choices: [],
            usage: counted(said),
          }),
        ]
      : []),
    'data: [DONE]\n\n',
  ],
  whole: (said) => ({
    ...{ id: 'c1', object: 'chat.completion', created: 1, model: 'fake' },
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: said.pieces.join('') },
        finish_reason: said.finish,
      },
    ],
    ...(said.usage ? { usage: counted(said) } : {}),
  }),
  error: (message) => ({ error: { message, type: 'server_error', code: null, param: null } }),
};

const responseUsage = ({ usage }: Said) =>
  usage && { input_tokens: usage.input, output_tokens: usage.output };
const item = (text: string) => ({
  ...{ type: 'message', id: 'm1', role: 'assistant', status: 'completed' },
  content: [{ type: 'output_text', text, annotations: [] }],
});

/** OpenAI's responses. */
export const responses: Dialect = {
  begin: () => [
    named({
      type: 'response.created',
      ...{ response: { id: 'r1', created_at: 1, model: 'fake' } },
    }),
    named({
      type: 'response.output_item.added',
      ...{ output_index: 0, item: { type: 'message', id: 'm1' } },
    }),
  ],
  piece: (text) =>
    named({
      type: 'response.output_text.delta',
      ...{ item_id: 'm1', output_index: 0, content_index: 0, delta: text },
    }),
  reasoning: () => [],
  end: (said) => [
    named({
      type: 'response.output_item.done',
      ...{ output_index: 0, item: item(said.pieces.join('')) },
    }),
    named({ type: 'response.completed', ...{ response: { usage: responseUsage(said) } } }),
  ],
  whole: (said) => ({
    ...{ id: 'r1', object: 'response', created_at: 1, model: 'fake', status: 'completed' },
    output: [item(said.pieces.join(''))],
    usage: responseUsage(said),
  }),
  error: (message) => ({ error: { message, type: 'server_error', code: null, param: null } }),
};

const stops = { stop: 'end_turn', length: 'max_tokens' };
const message = (said: Said, more: object) => ({
  ...{ type: 'message', id: 'm1', role: 'assistant', model: 'fake', stop_sequence: null },
  usage: { input_tokens: said.usage?.input ?? 0, output_tokens: said.usage?.output ?? 0 },
  ...more,
});

/** Anthropic's messages. */
export const anthropicMessages: Dialect = {
  begin: (said) => [
    named({
      type: 'message_start',
      ...{ message: message(said, { content: [], stop_reason: null }) },
    }),
    named({
      type: 'content_block_start',
      ...{ index: 0, content_block: { type: 'text', text: '' } },
    }),
  ],
  piece: (text) =>
    named({ type: 'content_block_delta', ...{ index: 0, delta: { type: 'text_delta', text } } }),
  reasoning: () => [],
  end: (said) => [
    named({ type: 'content_block_stop', ...{ index: 0 } }),
    named({
      type: 'message_delta',
      ...{
        delta: { stop_reason: stops[said.finish], stop_sequence: null },
        usage: { output_tokens: said.usage?.output ?? 0 },
      },
    }),
    named({ type: 'message_stop' }),
  ],
  whole: (said) =>
    message(said, {
      content: [{ type: 'text', text: said.pieces.join('') }],
      stop_reason: stops[said.finish],
    }),
  error: (text) => ({ type: 'error', error: { type: 'api_error', message: text } }),
};
