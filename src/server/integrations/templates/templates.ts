import type { IntegrationKind, IntegrationTemplate } from '../../../contracts/integrations.ts';

/** What is known of each kind of system; what a person says goes before it. */
const templates: Record<IntegrationKind, Omit<IntegrationTemplate, 'kind'>> = {
  http: {
    title: 'HTTP API',
    description: 'Any system with an API over HTTP.',
    base_url: null,
    needs_key: false,
    settings: {},
    policy: {},
    examples: [{ title: 'Read something', method: 'GET', path: '/status' }],
  },
  n8n: {
    title: 'n8n',
    description:
      'Workflows of an n8n, by its public API. The key is made in its settings, n8n API.',
    base_url: null,
    needs_key: true,
    settings: { auth: 'header', auth_header: 'X-N8N-API-KEY', health_path: '/healthz' },
    policy: {},
    examples: [
      { title: 'The active workflows', method: 'GET', path: '/api/v1/workflows?active=true' },
      { title: 'The last runs', method: 'GET', path: '/api/v1/executions' },
    ],
  },
  github: {
    title: 'GitHub',
    description: 'Repositories, issues and runs. The key is a fine-grained token of the person.',
    base_url: 'https://api.github.com',
    needs_key: true,
    settings: {
      auth: 'bearer',
      headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
      health_path: '/rate_limit',
    },
    policy: { rate: { requests: 60, per_seconds: 60 } },
    examples: [
      { title: 'Issues of a repository', method: 'GET', path: '/repos/OWNER/NAME/issues' },
      {
        title: 'Open an issue',
        method: 'POST',
        path: '/repos/OWNER/NAME/issues',
        body: { title: 'What is wrong' },
      },
    ],
  },
  slack: {
    title: 'Chat (Slack-compatible incoming webhook)',
    description:
      'Messages into a channel of Slack, Mattermost or Rocket.Chat. What follows /services/ in the address is the key.',
    base_url: 'https://hooks.slack.com/services',
    needs_key: true,
    settings: { auth: 'path', health_path: null },
    policy: {
      allowed_methods: ['POST'],
      allowed_paths: ['/'],
      required_fields: ['text'],
      rules: [{ field: 'text', type: 'string', min_length: 1, max_length: 40_000 }],
      rate: { requests: 60, per_seconds: 60 },
    },
    examples: [
      { title: 'A message', method: 'POST', path: '', body: { text: 'The run is done.' } },
    ],
  },
  prometheus: {
    title: 'Prometheus push gateway',
    description: 'Figures of short jobs, for Prometheus to fetch.',
    base_url: null,
    needs_key: false,
    settings: { auth: 'basic', health_path: '/-/ready' },
    policy: {
      allowed_methods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowed_paths: ['/metrics/**', '/-/ready', '/-/healthy', '/api/v1/**'],
      data_classes: ['figures', 'metadata'],
    },
    examples: [
      {
        title: 'Push a figure',
        method: 'POST',
        path: '/metrics/job/nightly',
        body: 'nightly_seconds 12.5\n',
      },
    ],
  },
};

export function templateOf(kind: IntegrationKind): IntegrationTemplate {
  return { kind, ...templates[kind] };
}

export function listTemplates(): IntegrationTemplate[] {
  return (Object.keys(templates) as IntegrationKind[]).map(templateOf);
}
