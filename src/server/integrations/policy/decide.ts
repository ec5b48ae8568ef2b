import type { ExternalCall } from '../../../contracts/integrationCalls.ts';
import {
  type DataClass,
  DEFAULT_DATA_CLASSES,
  type HttpMethod,
  type IntegrationPolicy,
  type Objection,
  type PolicyDecision,
} from '../../../contracts/integrationPolicy.ts';
import { protectJson } from '../../redaction/service.ts';
import type { BodyChecks } from './compiled.ts';
import { limited } from './limited.ts';
import { isHostAllowed, isPathAllowed } from './paths.ts';

/** What is looked at: where it goes, and what it is. */
export type PolicySubject = {
  base: URL;
  /** Under `base`, without the query. */
  path: string;
  method: HttpMethod;
  call: Pick<ExternalCall, 'body' | 'query' | 'headers' | 'carries'>;
};

/** What a call carries: what its caller says, and secrets when there are some. */
function classesOf({ call, path }: PolicySubject): DataClass[] {
  const { body, query, headers, carries } = call;
  const isEmpty = body === undefined && query === undefined;
  const classes = new Set<DataClass>(carries ?? (isEmpty ? [] : ['metadata']));
  const { private: _, ...kinds } = protectJson({ body, query, headers, path }).kinds;
  if (Object.keys(kinds).length > 0) classes.add('secrets');
  return [...classes];
}

/** Whether a host may be gone to: the one of `base_url` alone unless the policy names some. */
export function hostObjection(
  policy: IntegrationPolicy,
  base: URL,
  { hostname }: URL,
): Objection | null {
  const allowed = policy.allowed_hosts ?? [base.hostname.replace(/\.$/, '')];
  if (isHostAllowed(hostname, allowed)) return null;
  const message = `The host ${hostname} is not among those allowed: ${allowed.join(', ')}.`;
  return { rule: 'host', field: null, message };
}

/** What a policy has against a call. The rate is counted elsewhere. */
export async function decide(
  policy: IntegrationPolicy,
  checks: BodyChecks,
  subject: PolicySubject,
): Promise<PolicyDecision> {
  const { base, path, method, call } = subject;
  const { allowed_methods, allowed_paths } = policy;
  const objections: Objection[] = [];
  const host = hostObjection(policy, base, base);
  if (host) objections.push(host);
  if (allowed_methods && !allowed_methods.includes(method)) {
    const message = `${method} is not among the methods allowed: ${allowed_methods.join(', ')}.`;
    objections.push({ rule: 'method', field: null, message });
  }
  if (allowed_paths && limited(() => isPathAllowed(path, allowed_paths)) !== true) {
    const message = `The path is not among those allowed: ${allowed_paths.join(', ')}.`;
    objections.push({ rule: 'path', field: null, message });
  }
  if (call.body !== undefined || method === 'POST' || method === 'PUT' || method === 'PATCH') {
    objections.push(...(await checks.against(policy, call.body)));
  }
  const data_classes = classesOf(subject);
  const mayLeave = policy.data_classes ?? DEFAULT_DATA_CLASSES;
  for (const carried of data_classes) {
    if (mayLeave.includes(carried)) continue;
    const what = carried === 'secrets' ? 'what looks like a key or password' : carried;
    const message = `It carries ${what}, which may not leave to this system (\`data_classes\` of its policy).`;
    objections.push({ rule: 'data', field: null, message });
  }
  return { allowed: objections.length === 0, objections, data_classes };
}
