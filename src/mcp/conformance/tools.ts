import { setTimeout as sleep } from 'node:timers/promises';
import type {
  CallToolResult,
  InputRequiredResult,
  PrimitiveSchemaDefinition,
  ServerContext,
  ServerEvent,
  Tool,
} from '@modelcontextprotocol/server';
import { askingTools } from './asking.ts';
import { image, SILENCE_WAV, text } from './media.ts';

export type Run = (
  args: Record<string, unknown>,
  extra: ServerContext,
) => Promise<CallToolResult | InputRequiredResult>;

const STEP_MS = 50;
const done = (said: string): CallToolResult => ({ content: [text(said)] });

/** Shows a form of 2025 at once; the tool goes on with the answer. */
async function showForm(
  extra: ServerContext,
  message: string,
  properties: Record<string, PrimitiveSchemaDefinition>,
  required: string[],
): Promise<CallToolResult> {
  const { action, content } = await extra.mcpReq.elicitInput({
    message,
    requestedSchema: { type: 'object', properties, required },
  });
  return done(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

const options = ['option1', 'option2', 'option3'];
const titled = (names: string[]) =>
  names.map((title, index) => ({ const: `value${index + 1}`, title }));

const enumFields: Record<string, PrimitiveSchemaDefinition> = {
  untitledSingle: { type: 'string', enum: options },
  titledSingle: { type: 'string', oneOf: titled(['First', 'Second', 'Third']) },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
  titledMulti: { type: 'array', items: { anyOf: titled(['First', 'Second', 'Third']) } },
};

async function logThrice(extra: ServerContext): Promise<CallToolResult> {
  for (const step of ['started', 'processing data', 'completed']) {
    await extra.mcpReq.log('info', `Tool execution ${step}`);
    await sleep(STEP_MS);
  }
  return done('Logged three times.');
}

function toolsThat(publish: (event: ServerEvent) => void): Record<string, Run> {
  return {
    test_simple_text: async () => done('This is a simple text response for testing.'),
    test_image_content: async () => ({ content: [image] }),
    test_audio_content: async () => ({
      content: [{ type: 'audio', data: SILENCE_WAV, mimeType: 'audio/wav' }],
    }),
    test_embedded_resource: async () => ({
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
    }),
    test_multiple_content_types: async () => ({
      content: [
        text('Multiple content types test:'),
        image,
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: '{"test":"data","value":123}',
          },
        },
      ],
    }),
    test_tool_with_logging: (_args, extra) => logThrice(extra),
    test_logging_tool: (_args, extra) => logThrice(extra),
    async test_tool_with_progress(_args, extra) {
      const progressToken = extra.mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        const params = { progressToken, progress, total: 100 };
        if (progressToken !== undefined) {
          await extra.mcpReq.notify({ method: 'notifications/progress', params });
        }
        await sleep(STEP_MS);
      }
      return done('Progress was told.');
    },
    async test_error_handling() {
      throw new Error('This tool intentionally returns an error for testing');
    },
    async test_sampling(args, extra) {
      const { content } = await extra.mcpReq.requestSampling({
        messages: [{ role: 'user', content: text(String(args.prompt)) }],
        maxTokens: 100,
      });
      return done(`LLM response: ${JSON.stringify(content)}`);
    },
    test_elicitation: (args, extra) =>
      showForm(
        extra,
        String(args.message),
        { username: { type: 'string' }, email: { type: 'string' } },
        ['username', 'email'],
      ),
    test_elicitation_sep1034_defaults: (_args, extra) =>
      showForm(
        extra,
        'Please review and update the form fields with defaults',
        {
          name: { type: 'string', default: 'John Doe' },
          age: { type: 'integer', default: 30 },
          score: { type: 'number', default: 95.5 },
          status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
          verified: { type: 'boolean', default: true },
        },
        [],
      ),
    test_elicitation_sep1330_enums: (_args, extra) =>
      showForm(extra, 'Please select options from the enum fields', enumFields, []),
    async test_reconnection(_args, extra) {
      extra.http?.closeSSE?.();
      await sleep(2 * STEP_MS);
      return done('The stream was closed, and taken up again.');
    },
    async test_trigger_tool_change() {
      publish({ kind: 'tools_list_changed' });
      return done('Told.');
    },
    async test_trigger_prompt_change() {
      publish({ kind: 'prompts_list_changed' });
      return done('Told.');
    },
    json_schema_2020_12_tool: async (args) => done(JSON.stringify(args)),
    ...askingTools,
  };
}

const stringField = (name: string): Tool['inputSchema'] => ({
  type: 'object',
  properties: { [name]: { type: 'string' } },
  required: [name],
});

const inputSchemas: Record<string, Tool['inputSchema']> = {
  test_sampling: stringField('prompt'),
  test_elicitation: stringField('message'),
  json_schema_2020_12_tool: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    // As pairs: an object with `then` would be taken for a promise by the linter.
    ...Object.fromEntries([
      ['if', { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] }],
      ['then', { required: ['phone'] }],
      ['else', { required: ['email'] }],
    ]),
    additionalProperties: false,
  },
};

/** The tools that the suite calls, and how they are listed. */
export function fixtureTools(publish: (event: ServerEvent) => void, more: Record<string, Run>) {
  const runs: Record<string, Run> = { ...toolsThat(publish), ...more };
  const listed = Object.keys(runs).map((name): Tool => {
    const inputSchema = inputSchemas[name] ?? { type: 'object' };
    return { name, description: `Answers the conformance suite: ${name}.`, inputSchema };
  });
  return { runs, listed };
}
