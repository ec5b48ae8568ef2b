import {
  acceptedContent,
  type GetPromptResult,
  inputRequired,
  type Prompt,
  type ReadResourceResult,
  type Resource,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import type { McpSurface } from '../surface.ts';
import { form, stateCodec } from './asking.ts';
import { image, PIXEL_PNG, text } from './media.ts';
import { taskOf, taskTools } from './taskTools.ts';
import { fixtureTools } from './tools.ts';

const TEMPLATE = 'test://template/{id}/data';

const resources: Resource[] = [
  { uri: 'test://static-text', name: 'static-text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static-binary', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched-resource', mimeType: 'text/plain' },
];

async function readResource(uri: string): Promise<ReadResourceResult | undefined> {
  if (uri === 'test://static-binary') {
    return { contents: [{ uri, mimeType: 'image/png', blob: PIXEL_PNG }] };
  }
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? [];
  if (id) {
    const data = { id, templateTest: true, data: `Data for ID: ${id}` };
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(data) }] };
  }
  if (!resources.some((resource) => resource.uri === uri)) return undefined;
  const said = `This is the content of the ${uri.slice('test://'.length)} resource.`;
  return { contents: [{ uri, mimeType: 'text/plain', text: said }] };
}

const prompts: Prompt[] = [
  { name: 'test_simple_prompt' },
  {
    name: 'test_prompt_with_arguments',
    arguments: [
      { name: 'arg1', required: true },
      { name: 'arg2', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    arguments: [{ name: 'resourceUri', required: true }],
  },
  { name: 'test_prompt_with_image' },
  { name: 'test_input_required_result_prompt' },
].map((prompt) => ({ ...prompt, description: `Answers the conformance suite: ${prompt.name}.` }));

type Content = GetPromptResult['messages'][number]['content'];
const messages = (...contents: Content[]): GetPromptResult => ({
  messages: contents.map((content) => ({ role: 'user', content })),
});

const getPrompt: McpSurface['getPrompt'] = async (name, args, extra) => {
  switch (name) {
    case 'test_simple_prompt':
      return messages(text('This is a simple prompt for testing.'));
    case 'test_prompt_with_arguments':
      return messages(text(`Prompt with arguments: arg1='${args.arg1}', arg2='${args.arg2}'`));
    case 'test_prompt_with_embedded_resource': {
      const uri = args.resourceUri ?? '';
      const said = 'Embedded resource content for testing.';
      return messages(
        { type: 'resource', resource: { uri, mimeType: 'text/plain', text: said } },
        text('Please process the embedded resource above.'),
      );
    }
    case 'test_prompt_with_image':
      return messages(image, text('Please analyze the image above.'));
    case 'test_input_required_result_prompt': {
      const { context } = acceptedContent(extra.mcpReq.inputResponses, 'user_context') ?? {};
      if (typeof context === 'string') return messages(text(`Use this context: ${context}`));
      const question = form('What context should the prompt use?', 'context');
      return inputRequired({ inputRequests: { user_context: question } });
    }
    default:
      return undefined;
  }
};

/**
 * What `@modelcontextprotocol/conformance` asks a server for, by its names. Loaded in tests alone,
 * when the environment says so; served beside Turnkeep's own tools by the very same server.
 */
export function conformanceFixtures(publish: (event: ServerEvent) => void) {
  const { runs, listed } = fixtureTools(publish, taskTools);
  const surface: McpSurface = {
    listTools: async () => listed,
    callTool: async (name, args, extra) => runs[name]?.(args, extra),
    taskOf,
    templates: [{ name: 'template', uriTemplate: TEMPLATE, mimeType: 'application/json' }],
    listResources: async (cursor) => ({ resources: cursor === undefined ? resources : [] }),
    readResource,
    prompts,
    getPrompt,
    async complete({ ref, argument }) {
      if (ref.type !== 'ref/prompt' || !ref.name.startsWith('test_')) return undefined;
      return ['test', 'testing'].filter((value) => value.startsWith(argument.value));
    },
  };
  return {
    surface,
    capabilities: { tools: { listChanged: true }, prompts: { listChanged: true }, logging: {} },
    requestState: { verify: stateCodec.verify },
  };
}
