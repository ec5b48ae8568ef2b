import { isExampleToken } from './placeholders.ts';
import type { Rule } from './rule.ts';

/** A rule for tokens that tell by their shape what they are. */
function token(kind: string, shape: string, hints: readonly string[], pattern: RegExp): Rule {
  const check = (secret: string) => (isExampleToken(secret) ? null : kind);
  return { kind, shape, hints, pattern, check };
}

/** Tokens of models and of the services around them. */
const models: Rule[] = [
  token(
    'anthropic-key',
    'sk-ant-api03-…',
    ['sk-ant-'],
    /\bsk-ant-[a-z]{2,8}\d{0,2}-[\w-]{20,200}/g,
  ),
  token('openrouter-key', 'sk-or-v1-…', ['sk-or-'], /\bsk-or-v1-[0-9a-f]{40,80}\b/g),
  token('langfuse-key', 'sk-lf-…', ['sk-lf-'], /\bsk-lf-[0-9a-f-]{36}\b/g),
  token(
    'openai-key',
    'sk-proj-…, sk-svcacct-…, sk-admin-…, sk-…',
    ['sk-'],
    /\bsk-(?:(?:proj|svcacct|admin|None|service)-[\w-]{20,200}|[A-Za-z0-9]{32,64}\b)/g,
  ),
  token(
    'google-api-key',
    'AIza…, AQ.Ab…',
    ['aiza', 'aq.ab'],
    /\b(?:AIza[\w-]{35}(?![\w-])|AQ\.Ab[\w-]{30,120})/g,
  ),
  token(
    'google-oauth',
    'GOCSPX-…, ya29.…, 1//0…',
    ['gocspx-', 'ya29.', '1//0'],
    /\bGOCSPX-[\w-]{20,40}|\bya29\.[\w-]{20,300}|\b1\/\/0[\w-]{30,120}/g,
  ),
  token('groq-key', 'gsk_…', ['gsk_'], /\bgsk_[A-Za-z0-9]{40,60}\b/g),
  token(
    'huggingface-token',
    'hf_…, api_org_…',
    ['hf_', 'api_org_'],
    /\b(?:hf_|api_org_)[A-Za-z0-9]{30,40}\b/g,
  ),
  token('replicate-token', 'r8_…', ['r8_'], /\br8_[A-Za-z0-9]{37,40}\b/g),
  token('perplexity-key', 'pplx-…', ['pplx-'], /\bpplx-[A-Za-z0-9]{40,64}\b/g),
  token('xai-key', 'xai-…', ['xai-'], /\bxai-[A-Za-z0-9]{60,100}\b/g),
  token('cerebras-key', 'csk-…', ['csk-'], /\bcsk-[a-z0-9]{40,56}\b/g),
  token('nvidia-key', 'nvapi-…', ['nvapi-'], /\bnvapi-[\w-]{50,90}/g),
  token('elevenlabs-key', 'sk_…', ['sk_'], /\bsk_[0-9a-f]{48}\b/g),
  token('langsmith-key', 'lsv2_pt_…', ['lsv2_'], /\blsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b/g),
  token('tavily-key', 'tvly-…', ['tvly-'], /\btvly-[A-Za-z0-9-]{28,60}/g),
  token('pinecone-key', 'pcsk_…', ['pcsk_'], /\bpcsk_[A-Za-z0-9_]{50,90}\b/g),
  token('jina-key', 'jina_…', ['jina_'], /\bjina_[\w-]{50,80}/g),
];

/** Tokens of code hosts, registries and builds. */
const code: Rule[] = [
  token(
    'github-token',
    'ghp_…, gho_…, ghu_…, ghs_…, ghr_…',
    ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    /\bgh[pousr]_[A-Za-z0-9_]{36,255}/g,
  ),
  token(
    'github-token',
    'github_pat_…',
    ['github_pat_'],
    /\bgithub_pat_[A-Za-z0-9]{20,30}_[A-Za-z0-9]{50,70}\b/g,
  ),
  token(
    'gitlab-token',
    'glpat-…, gldt-…, glrt-…',
    ['gl'],
    /\bgl(?:pat|ptt|dt|rt|rtr|soat|cbt|ft|oas|agent|imt|ffct)-[\w.-]{18,120}/g,
  ),
  token(
    'bitbucket-token',
    'ATBB…',
    ['atbb', 'atctt3'],
    /\bATBB[A-Za-z0-9]{28,40}\b|\bATCTT3[\w=-]{60,300}/g,
  ),
  token('atlassian-token', 'ATATT3…', ['atatt3'], /\bATATT3[\w=-]{40,300}/g),
  token('npm-token', 'npm_…', ['npm_'], /\bnpm_[A-Za-z0-9]{36}\b/g),
  token('pypi-token', 'pypi-AgEI…', ['pypi-age'], /\bpypi-AgE[\w-]{50,300}/g),
  token('rubygems-key', 'rubygems_…', ['rubygems_'], /\brubygems_[0-9a-f]{48}\b/g),
  token('crates-token', 'cio…', ['cio'], /\bcio[A-Za-z0-9]{32}\b/g),
  token('nuget-key', 'oy2…', ['oy2'], /\boy2[a-z0-9]{43}\b/g),
  token('docker-token', 'dckr_pat_…', ['dckr_'], /\bdckr_(?:pat|oat)_[\w-]{24,60}/g),
  token('jfrog-token', 'AKCp…', ['akcp'], /\bAKCp[A-Za-z0-9]{60,90}\b/g),
  token('circleci-token', 'CCIPAT_…', ['ccipat_'], /\bCCIPAT_[A-Za-z0-9]{20,30}_[0-9a-f]{40}\b/g),
  token('buildkite-token', 'bkua_…', ['bkua_'], /\bbkua_[0-9a-f]{40}\b/g),
  token(
    'sonar-token',
    'sqp_…, squ_…, sqa_…',
    ['sqp_', 'squ_', 'sqa_'],
    /\bsq[pua]_[0-9a-f]{40}\b/g,
  ),
  token('postman-key', 'PMAK-…', ['pmak-'], /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b/g),
];

/** Tokens of clouds, hosts and what watches them. */
const clouds: Rule[] = [
  token(
    'aws-access-key',
    'AKIA…, ASIA…',
    ['akia', 'asia', 'abia', 'acca'],
    /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  ),
  token(
    'azure-client-secret',
    '…8Q~…',
    ['q~'],
    /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g,
  ),
  token(
    'digitalocean-token',
    'dop_v1_…',
    ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    /\bdo[por]_v1_[0-9a-f]{64}\b/g,
  ),
  token(
    'cloudflare-token',
    'cfut_…, cfat_…, cfk_…, v1.0-…',
    ['cfk_', 'cfut_', 'cfat_', 'v1.0-'],
    /\b(?:cfk|cfut|cfat)_[A-Za-z0-9]{40,60}\b|\bv1\.0-[0-9a-f]{24}-[0-9a-f]{146}\b/g,
  ),
  token('heroku-key', 'HRKU-…', ['hrku-'], /\bHRKU-[\w-]{36,70}/g),
  token(
    'flyio-token',
    'fm2_…, fo1_…',
    ['fm2_', 'fo1_'],
    /\bfm2_[A-Za-z0-9+/=_-]{50,900}|\bfo1_[\w-]{40,60}/g,
  ),
  token('alibaba-key', 'LTAI…', ['ltai'], /\bLTAI[A-Za-z0-9]{12,26}\b/g),
  token('tencent-key', 'AKID…', ['akid'], /\bAKID[A-Za-z0-9]{32}\b/g),
  token(
    'vercel-token',
    'vcp_…, vck_…',
    ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
    /\bvc[piark]_[A-Za-z0-9]{20,60}\b/g,
  ),
  token('netlify-token', 'nfp_…', ['nfp_'], /\bnf[pco]_[A-Za-z0-9]{36,44}\b/g),
  token(
    'supabase-key',
    'sbp_…, sb_secret_…',
    ['sbp_', 'sb_secret_'],
    /\bsbp_(?:v0_)?[0-9a-f]{40}\b|\bsb_secret_[\w-]{20,60}/g,
  ),
  token(
    'planetscale-token',
    'pscale_tkn_…',
    ['pscale_'],
    /\bpscale_(?:tkn|pw|oauth)_[\w.-]{32,64}/g,
  ),
  token('neon-key', 'napi_…', ['napi_'], /\bnapi_[a-z0-9]{40,80}\b/g),
  token('databricks-token', 'dapi…', ['dapi'], /\bdapi[0-9a-f]{32}(?:-\d)?\b/g),
  token('vault-token', 'hvs.…, hvb.…', ['hvs.', 'hvb.', 'hvr.'], /\bhv[sbr]\.[\w-]{24,300}/g),
  token(
    'terraform-token',
    '….atlasv1.…',
    ['.atlasv1.'],
    /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}/g,
  ),
  token('pulumi-token', 'pul-…', ['pul-'], /\bpul-[0-9a-f]{40}\b/g),
  token(
    'doppler-token',
    'dp.pt.…',
    ['dp.'],
    /\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}\b/g,
  ),
  token('onepassword-token', 'ops_eyJ…', ['ops_ey'], /\bops_eyJ[A-Za-z0-9+/=_-]{100,1300}/g),
  token('tailscale-key', 'tskey-auth-…', ['tskey-'], /\btskey-[a-z]{2,20}-\w{8,40}-\w{16,60}\b/g),
  token(
    'grafana-token',
    'glsa_…, glc_…',
    ['glsa_', 'glc_'],
    /\bglsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}\b|\bglc_[A-Za-z0-9+/]{32,400}={0,2}/g,
  ),
  token('newrelic-key', 'NRAK-…', ['nrak-'], /\bNRAK-[A-Z0-9]{27}\b/g),
  token(
    'sentry-token',
    'sntrys_…, sntryu_…',
    ['sntrys_', 'sntryu_'],
    /\bsntry[su]_[\w=+/-]{40,300}/g,
  ),
  token('dynatrace-token', 'dt0c01.…', ['dt0'], /\bdt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}\b/g),
];

/** Tokens of what sends messages, takes money or keeps documents. */
const services: Rule[] = [
  token(
    'slack-token',
    'xoxb-…, xoxp-…, xapp-…',
    ['xox', 'xapp-'],
    /\bxox[abcdeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}|\bxapp-\d-[A-Za-z0-9-]{20,200}/g,
  ),
  token(
    'slack-webhook',
    'hooks.slack.com/services/…',
    ['hooks.slack.com/'],
    /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)([A-Za-z0-9/]{20,120})/gi,
  ),
  token(
    'teams-webhook',
    '….webhook.office.com/webhookb2/…',
    ['webhook.office.com/'],
    /(webhook\.office\.com\/webhookb2\/)([\w@-]{36,100}\/IncomingWebhook\/[\w/-]{30,120})/gi,
  ),
  token(
    'discord-webhook',
    'discord.com/api/webhooks/…/…',
    ['/api/webhooks/'],
    /(discord(?:app)?\.com\/api\/webhooks\/\d{15,22}\/)([\w-]{50,90})/gi,
  ),
  token(
    'discord-token',
    'M….….…',
    [],
    /\b[MNO][A-Za-z\d_-]{22,27}\.[\w-]{6}\.[\w-]{27,45}(?![\w-])/g,
  ),
  token('telegram-token', '…:AA…', [':aa'], /\b\d{8,10}:AA[\w-]{32,34}(?![\w-])/g),
  token('twilio-key', 'SK…', ['sk'], /\bSK[0-9a-f]{32}\b/g),
  token('sendgrid-key', 'SG.….…', ['sg.'], /\bSG\.[\w-]{16,32}\.[\w-]{32,64}(?![\w-])/g),
  token('mailgun-key', 'key-…', ['key-'], /\bkey-[0-9a-f]{32}\b/g),
  token('mailgun-key', '…-…-…', [], /(?<![\w-])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![\w-])/g),
  token('mailchimp-key', '…-us12', ['-us'], /\b[0-9a-f]{32}-us\d{1,2}\b/g),
  token(
    'brevo-key',
    'xkeysib-…',
    ['xkeysib-', 'xsmtpsib-'],
    /\bx(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}\b/g,
  ),
  token('resend-key', 're_…', ['re_'], /\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b/g),
  token(
    'stripe-key',
    'sk_live_…, rk_live_…, whsec_…',
    ['sk_', 'rk_', 'whsec_'],
    /\b[sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,250}\b|\bwhsec_[A-Za-z0-9+/=]{32,64}/g,
  ),
  token(
    'square-token',
    'sq0atp-…, EAAA…',
    ['sq0', 'eaaa'],
    /\bsq0(?:atp|csp)-[\w-]{22,60}|\bEAAA[\w-]{56,64}(?![\w-])/g,
  ),
  token(
    'shopify-token',
    'shpat_…',
    ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32,64}\b/g,
  ),
  token(
    'braintree-token',
    'access_token$production$…',
    ['access_token$'],
    /\baccess_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{32}\b/g,
  ),
  token('razorpay-key', 'rzp_live_…', ['rzp_live_'], /\brzp_live_[A-Za-z0-9]{14}\b/g),
  token(
    'plaid-token',
    'access-production-…',
    ['access-'],
    /\baccess-(?:sandbox|development|production)-[0-9a-f-]{36}\b/g,
  ),
  token(
    'linear-key',
    'lin_api_…',
    ['lin_api_', 'lin_oauth_'],
    /\blin_(?:api|oauth)_[A-Za-z0-9]{32,128}\b/g,
  ),
  token(
    'notion-token',
    'ntn_…, secret_…',
    ['ntn_', 'secret_'],
    /\bntn_[A-Za-z0-9]{40,50}\b|\bsecret_[A-Za-z0-9]{43}\b/g,
  ),
  token('airtable-token', 'pat….…', ['pat'], /\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b/g),
  token('asana-token', '1/…:…', ['1/', '2/'], /\b[12]\/\d{16}(?:\/\d{16})?:[0-9a-f]{32}\b/g),
  token('figma-token', 'figd_…', ['figd_'], /\bfigd_[\w-]{40,200}/g),
  token('hubspot-token', 'pat-na1-…', ['pat-'], /\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f-]{27}\b/g),
  token('mapbox-token', 'sk.eyJ…', ['sk.ey'], /\bsk\.eyJ[\w-]{20,200}\.[\w-]{10,60}/g),
  token('contentful-token', 'CFPAT-…', ['cfpat-'], /\bCFPAT-[\w-]{40,50}/g),
  token('dropbox-token', 'sl.…', ['sl.'], /\bsl\.(?:u\.)?[\w-]{100,1500}/g),
  token('facebook-token', 'EAA…', ['eaa'], /\bEAA[A-Za-z]{1,2}[A-Za-z0-9]{80,400}\b/g),
  token('posthog-key', 'phx_…', ['phx_'], /\bphx_[A-Za-z0-9]{40,60}\b/g),
  token(
    'launchdarkly-key',
    'sdk-…, api-…',
    ['sdk-', 'api-'],
    /\b(?:sdk|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
  ),
  token('typeform-token', 'tfp_…', ['tfp_'], /\btfp_[\w-]{40,60}/g),
];

/** Secrets that tell by their shape what they are, by family. */
export const tokenRules: readonly Rule[] = [...models, ...code, ...clouds, ...services];
