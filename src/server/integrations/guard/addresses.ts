import ip from 'ipaddr.js';

type Address = ip.IPv4 | ip.IPv6;

/** What is handed out as public addresses of version 6; all else has a use of its own. */
const GLOBAL_V6 = ip.IPv6.parseCIDR('2000::/3');
/** NAT64 as everybody knows it: the last 32 bits are an address of version 4. */
const NAT64 = ip.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Where clouds give out keys to whoever asks from the machine itself. They are refused even in
 * ranges that are allowed: each has to be named by itself.
 */
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.169.253',
  '169.254.169.123',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]);

/** An address in its one spelling: one of version 4 inside of version 6 is the one inside. */
export function addressOf(text: string): Address | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (!ip.isValid(bare) || (!bare.includes(':') && !ip.IPv4.isValidFourPartDecimal(bare))) {
    return null;
  }
  const address = ip.parse(bare);
  if (address instanceof ip.IPv4) return address;
  const isInside = address.isIPv4MappedAddress() || address.match(NAT64);
  return isInside ? new ip.IPv4(address.toByteArray().slice(12)) : address;
}

/** Whether an address is of the open internet: not of this computer, a private network, or none. */
export function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || isMetadata(address)) return false;
  return address instanceof ip.IPv4 || address.match(GLOBAL_V6);
}

export function isMetadata(address: Address): boolean {
  return METADATA.has(address.toString());
}
