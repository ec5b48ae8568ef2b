import type { EndpointContract } from '../../../contracts/endpoint.ts';
import { VERSION } from '../../../contracts/version.ts';
import { fixedPaths, toolSchemas } from './fixedRoutes.ts';
import { operationOf } from './operations.ts';
import { type JsonObject, sharedSchemas } from './schemas.ts';
import { sharedParameters, sharedResponses } from './shared.ts';
import { signedPaths } from './signedPaths.ts';

const tags: Record<string, string> = {
  Conversations: 'What was said: sessions, threads, messages, turns.',
  Memory: 'Finding it again, and keeping what matters at hand.',
  Context: 'What programs keep under a key for a session or project.',
  Vectors: 'What programs keep by its direction, and find by what is near.',
  Evaluations: 'Scripts of a project that measure it, and what became of each metric.',
  Authentication: 'Tokens that may do some of what the person may.',
  AI: 'Calls of models: by id, alias or name, with fallbacks and limits.',
  Models: 'Which models there are, where they are called, how well they do.',
  Integrations: 'The systems around: where they are, what may leave to them, how they are.',
  Webhooks: 'Signed events to programs of yours, and from them.',
  Audit: 'What was allowed to leave and what was not, each with the hash of the one before.',
  Logs: "The server's own log.",
  Metrics: 'What the server measures of itself.',
  Tools: 'The tools of MCP, also without MCP.',
  Server: 'The server itself.',
};

const about = `Turnkeep keeps every turn of your AI conversations on this machine and gives them back.

Every answer but those of \`/health\`, \`/mcp\`, \`/mcp/tools\`, \`/metrics\`, \`/docs\` and this document is the envelope \`{success, data, error, timestamp, request_id}\`. Lists are read by pages: \`next_cursor\` of one is \`cursor\` of the next. The token of \`turnkeep token --show\`, or one of \`turnkeep auth\`, goes into \`Authorization: Bearer\` or \`X-API-Key\`.`;

/** OpenAPI 3.1 of the whole server, made from the schemas that validate. */
export function openApiDocument(endpoints: Record<string, EndpointContract>): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [name, contract] of Object.entries(endpoints)) {
    const path = paths[contract.path] ?? {};
    path[contract.method.toLowerCase()] = operationOf(name, contract);
    paths[contract.path] = path;
  }
  return {
    openapi: '3.1.1',
    info: {
      ...{ title: 'Turnkeep', version: VERSION, description: about },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server.' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths: { ...paths, ...fixedPaths(), ...signedPaths() },
    components: {
      schemas: { ...sharedSchemas, ...toolSchemas() },
      parameters: sharedParameters,
      responses: sharedResponses,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}
