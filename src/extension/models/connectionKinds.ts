import type { ConnectionKind } from '../../contracts/models.ts';

/** How a kind of connection is asked for. */
export type KindRow = {
  kind: Exclude<ConnectionKind, 'vscode'>;
  label: string;
  detail: string;
  /** Proposed name of the connection. */
  name: string;
  /** `ask`: with this proposal. `own`: the provider has one address. */
  address: { ask: string } | 'own';
  /** `no`: a program on this machine, which wants none. */
  key: 'yes' | 'no' | 'maybe';
  /** Where people usually have it in the environment. */
  variable: string;
};

/** Every kind of provider that a person can connect to. */
export const KINDS: KindRow[] = [
  {
    ...{ kind: 'ollama', label: 'Ollama', name: 'ollama', key: 'no' },
    detail: 'Models on this machine, or on another of yours',
    address: { ask: 'http://127.0.0.1:11434' },
    variable: 'OLLAMA_API_KEY',
  },
  {
    ...{ kind: 'lmstudio', label: 'LM Studio', name: 'lmstudio', key: 'no' },
    detail: 'Models on this machine, or on another of yours',
    address: { ask: 'http://127.0.0.1:1234' },
    variable: 'LM_API_TOKEN',
  },
  {
    ...{ kind: 'openai-compatible', label: 'OpenAI-compatible', name: 'work', key: 'maybe' },
    detail: 'Any server that speaks the API of OpenAI: vLLM, llama.cpp, a gateway, …',
    address: { ask: 'http://127.0.0.1:8000/v1' },
    variable: 'MODEL_API_KEY',
  },
  {
    ...{ kind: 'openai', label: 'OpenAI', name: 'openai', key: 'yes' },
    detail: 'What you ask goes to OpenAI, who charges for it',
    address: 'own',
    variable: 'OPENAI_API_KEY',
  },
  {
    ...{ kind: 'anthropic', label: 'Anthropic', name: 'anthropic', key: 'yes' },
    detail: 'What you ask goes to Anthropic, who charges for it',
    address: 'own',
    variable: 'ANTHROPIC_API_KEY',
  },
];

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d+){3})$/;

/**
 * What an address of a provider means. `open`: plain http to another computer, where the key and what
 * is said can be read on the way.
 */
export function checkAddress(
  text: string,
): { kind: 'ok' | 'open'; address: string } | { kind: 'wrong'; message: string } {
  const given = text.trim();
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return { kind: 'wrong', message: 'Give an address such as https://models.example.com/v1' };
  }
  if (url.username || url.password || url.search || url.hash) {
    const message = 'Give the address alone: the key is asked for next, and is not part of it.';
    return { kind: 'wrong', message };
  }
  const isOpen = url.protocol === 'http:' && !LOOPBACK.test(url.hostname);
  return { kind: isOpen ? 'open' : 'ok', address: given };
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** What is wrong with the name of a connection; undefined when nothing is. */
export function nameProblem(text: string): string | undefined {
  return NAME.test(text.trim()) ? undefined : 'Small letters, digits and . _ - are expected.';
}

/** The first of `work`, `work-2`, … that no connection has. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}
