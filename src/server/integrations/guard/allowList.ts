import ip from 'ipaddr.js';
import { TurnkeepError } from '../../../contracts/errors.ts';
import { addressOf, isMetadata, isPublic } from './addresses.ts';

const HOST = /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/;
/** What ends in a number is an address, in a spelling of its own. */
const NUMERIC = /(^|\.)(\d+|0x[0-9a-f]*)$/;

type Range = [ip.IPv4 | ip.IPv6, number];

/** Addresses beside those of the open internet that something may be at. */
export class AllowList {
  readonly #hosts = new Set<string>();
  readonly #addresses = new Set<string>();
  readonly #ranges: Range[] = [];

  /** @throws TurnkeepError `invalid_request` for an entry that is no host, address or range. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.trim().toLowerCase());
  }

  /** Whether the address that `host` stands for may be connected to. */
  allows(host: string, text: string): boolean {
    const address = addressOf(text);
    if (!address) return false;
    if (isPublic(address) || this.#addresses.has(address.toString())) return true;
    // A name can be made to stand for anything: what gives out keys has to be named as it is.
    if (isMetadata(address)) return false;
    if (this.#hosts.has(plainHost(host))) return true;
    return this.#ranges.some(([network, bits]) => {
      return network.kind() === address.kind() && address.match(network, bits);
    });
  }

  #add(entry: string): void {
    const address = addressOf(entry);
    if (address) this.#addresses.add(address.toString());
    else if (ip.isValidCIDR(entry)) this.#ranges.push(ip.parseCIDR(entry));
    else if (HOST.test(plainHost(entry)) && !NUMERIC.test(plainHost(entry))) {
      this.#hosts.add(plainHost(entry));
    } else {
      const message = `"${entry.slice(0, 60)}" is no host, address or range. Give for example "n8n.internal", "127.0.0.1" or "10.0.0.0/8".`;
      throw new TurnkeepError('invalid_request', message, {
        fields: [{ path: 'settings.allow_addresses', message }],
      });
    }
  }
}

/** A host without the dot that ends it and in small letters. */
export function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
