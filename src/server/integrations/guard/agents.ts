import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import { AllowList } from './allowList.ts';
import { AddressRefused } from './refusal.ts';

type Found = (error: Error | null, addresses: LookupAddress[]) => void;
/** Finds every address of a name, as `dns.lookup` does with `all`. */
export type Resolve = (host: string, options: LookupOptions & { all: true }, found: Found) => void;

/** Sets of allowed addresses whose connections are kept open. */
const MOST_AGENTS = 100;
const KEEP_ALIVE_MS = 10_000;
const MOST_CONNECTIONS = 16;

/**
 * A name's addresses, refused as a whole when one of them is. The connection is made to what was
 * looked at here and to nothing else: a name that changes its mind in between wins nothing.
 */
function guardedLookup(allow: AllowList, resolve: Resolve): LookupFunction {
  return (host, options, given) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return given(error, []);
      const bad = addresses.find(({ address }) => !allow.allows(host, address));
      if (bad) return given(new AddressRefused(host, bad.address), []);
      const [first] = addresses;
      if (!first) return given(new Error(`${host} has no address`), []);
      if (options.all) given(null, addresses);
      else given(null, first.address, first.family);
    });
  };
}

/** What makes connections; it is loaded when something is first sent. */
export type Undici = Pick<typeof import('undici'), 'Agent'>;
export type Guarded = { allow: AllowList; agent: Agent };

/**
 * Connections by what they may lead to: one that was allowed to somebody is not there for somebody
 * who may not have it.
 */
export class Agents {
  readonly #resolve: Resolve;
  readonly #known = new Map<string, Guarded>();

  constructor(resolve: Resolve = lookup) {
    this.#resolve = resolve;
  }

  /** @throws TurnkeepError `invalid_request` for an entry that is none. */
  of(entries: readonly string[], { Agent }: Undici): Guarded {
    const key = JSON.stringify([...entries].sort());
    const known = this.#known.get(key);
    if (known) {
      // The one used last goes last.
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const allow = new AllowList(entries);
    const agent = new Agent({
      connections: MOST_CONNECTIONS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { lookup: guardedLookup(allow, this.#resolve) },
    });
    this.#known.set(key, { allow, agent });
    this.#closeOldest();
    return { allow, agent };
  }

  async close(): Promise<void> {
    const agents = [...this.#known.values()];
    this.#known.clear();
    await Promise.allSettled(agents.map(({ agent }) => agent.destroy()));
  }

  #closeOldest(): void {
    const [oldest] = this.#known;
    if (this.#known.size <= MOST_AGENTS || !oldest) return;
    this.#known.delete(oldest[0]);
    // What is under way on it ends first.
    void oldest[1].agent.close();
  }
}
