import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretLintRuleContext, SecretLintSourceCode } from '@secretlint/types';
import type { Detector } from './detectors.ts';
import type { Finding } from './findings.ts';
import { isPlaceholder } from './placeholders.ts';

/*
 * The rules of secretlint's recommended preset, run without its core: the core is asynchronous and
 * makes every rule anew for every text, while a rule itself is a synchronous function of the text.
 */

/**
 * What stands in the text wherever a rule finds something, in lower case, and our name of the kind.
 * A rule that comes with an update and is not named here runs on every text.
 */
const KNOWN: Record<string, { hints: string[]; kind: string }> = {
  npm: { hints: ['npm_'], kind: 'npm-token' },
  slack: { hints: ['xox', 'xapp-', 'hooks.slack.com'], kind: 'slack-token' },
  basicauth: { hints: ['://'], kind: 'url-password' },
  openai: { hints: ['sk-'], kind: 'openai-key' },
  anthropic: { hints: ['sk-ant-'], kind: 'anthropic-key' },
  groq: { hints: ['gsk_'], kind: 'groq-key' },
  huggingface: { hints: ['hf_'], kind: 'huggingface-token' },
  linear: { hints: ['lin_api_'], kind: 'linear-key' },
  notion: { hints: ['ntn_'], kind: 'notion-token' },
  privatekey: { hints: ['private key'], kind: 'private-key' },
  sendgrid: { hints: ['sg.'], kind: 'sendgrid-key' },
  shopify: { hints: ['shp'], kind: 'shopify-token' },
  stripe: { hints: ['sk_', 'rk_'], kind: 'stripe-key' },
  github: { hints: ['gh', 'github_pat'], kind: 'github-token' },
  gitlab: { hints: ['glpat-'], kind: 'gitlab-token' },
  grafana: { hints: ['glc_', 'glsa_'], kind: 'grafana-token' },
  '1password': { hints: ['ops_'], kind: 'onepassword-token' },
  'database-connection-string': { hints: ['mongodb', 'mysql', 'postgres'], kind: 'url-password' },
  'hashicorp-vault': { hints: ['hvs.', 'hvb.', 'hvr.'], kind: 'vault-token' },
  vercel: { hints: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], kind: 'vercel-token' },
  databricks: { hints: ['dapi'], kind: 'databricks-token' },
  docker: { hints: ['dckr_pat_'], kind: 'docker-token' },
  figma: { hints: ['figd_'], kind: 'figma-token' },
  cloudflare: { hints: ['cfk_', 'cfut_', 'cfat_'], kind: 'cloudflare-token' },
  tailscale: { hints: ['tskey-'], kind: 'tailscale-key' },
};

/**
 * A comment in a text does not decide what is stored; files of their own type never come; and the
 * AWS rule gives a place beside its secret (it counts from the key's name): ours is in `context.ts`.
 */
const LEFT_OUT = new Set(['filter-comments', 'gcp', 'aws']);

let ranges: (readonly [number, number])[] = [];

const context: SecretLintRuleContext = {
  sharedOptions: {},
  createTranslator: () => (messageId) => ({
    message: String(messageId),
    messageId: String(messageId),
    data: undefined,
  }),
  report: ({ range }) => void ranges.push(range),
  ignore: () => {},
};

const noPlaces = (): never => {
  throw new Error('Rules of the preset work with offsets alone.');
};

/** The text as the rules are given it: a file without a name. */
function sourceOf(content: string): SecretLintSourceCode {
  return {
    hasBOM: false,
    content,
    filePath: undefined,
    physicalFilePath: undefined,
    contentType: 'text',
    ext: '',
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    locationToRange: noPlaces,
    rangeToLocation: noPlaces,
    positionToIndex: noPlaces,
    indexToPosition: noPlaces,
  };
}

/** What of a finding is the secret: of an address, the password alone. Null when nothing is. */
function secretIn(text: string, start: number, end: number, kind: string): Finding | null {
  const secret = text.slice(start, end);
  const inner = /^([a-z+.:-]{1,40}:\/\/[^:/@\s]{0,300}:)([^\s/]{1,300})@/i.exec(secret);
  if (!inner && (kind === 'url-password' || secret.startsWith('http'))) return null;
  const part = inner?.[2] ?? secret;
  if (isPlaceholder(part)) return null;
  const from = start + (inner?.[1]?.length ?? 0);
  return { kind, start: from, end: from + part.length };
}

/** One detector for each rule of the preset. */
export const presetDetectors: readonly Detector[] = rules.flatMap((rule) => {
  const name = rule.meta.id.replace('@secretlint/secretlint-rule-', '');
  if (LEFT_OUT.has(name)) return [];
  const { hints, kind } = KNOWN[name] ?? { hints: [], kind: `${name}-secret` };
  const handler = rule.create(context, {});
  const look = (text: string, found: Finding[]) => {
    ranges = [];
    handler.file?.(sourceOf(text));
    for (const [start, end] of ranges) {
      const secret = secretIn(text, start, end, kind);
      if (secret) found.push(secret);
    }
  };
  return [{ hints, look }];
});
