import ipaddr from 'ipaddr.js';

export interface AddressRules {
  /** 127.0.0.0/8 and ::1: programs on the same machine. */
  readonly allowLoopback: boolean;
  /** 10/8, 172.16/12, 192.168/16, 100.64/10 and fc00::/7. Link-local addresses, with the metadata services of clouds, are always refused. */
  readonly allowPrivate: boolean;
}

const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'carrierGradeNat']);
const LOCAL_TRANSLATION = ipaddr.parseCIDR('64:ff9b:1::/48') as [ipaddr.IPv6, number];
/** Metadata and platform services of clouds whose addresses are in a range that is allowed, or may be. */
const NEVER = [
  'fd00:ec2::/32', // AWS
  'fd20:ce::254/128', // Google Cloud
  '168.63.129.16/32', // Azure: in the range of public addresses
  'fd00:c1::a9fe:a9fe/128', // Oracle Cloud
  '100.100.100.200/32', // Alibaba Cloud
  'fd00:100::100:200/128', // Alibaba Cloud
  'fd00:42::42/128', // Scaleway
  'fd00:a9fe:a9fe::1/128', // Akamai
].map((network) => ipaddr.parseCIDR(network));

/**
 * The reason why connections to an IP address are refused; undefined if they are allowed. An IPv6 address that contains an IPv4
 * address (mapped, 6to4, NAT64, compatible) is judged by that IPv4 address.
 */
export function refusalOf(address: string, rules: AddressRules): string | undefined {
  if (!ipaddr.isValid(address)) return 'is not an IP address';
  const given = ipaddr.parse(address);
  // Only the local network knows the IPv4 address of such an address (RFC 8215).
  if (given.kind() === 'ipv6' && given.match(LOCAL_TRANSLATION))
    return rules.allowPrivate ? undefined : 'is an address of a private network';
  const parsed = embeddedIPv4(given);
  if (NEVER.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits)))
    return 'is a metadata service';
  const range: string = parsed.range();
  if (range === 'unicast') return undefined;
  if (range === 'loopback') return rules.allowLoopback ? undefined : 'is an address of this machine';
  if (PRIVATE_RANGES.has(range)) return rules.allowPrivate ? undefined : 'is an address of a private network';
  return `is not an address of a server (${range})`;
}

/** The IPv4 address that an IPv6 address contains, or the address itself. */
function embeddedIPv4(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const at = (start: number): ipaddr.IPv4 => new ipaddr.IPv4(bytes.slice(start, start + 4));
  const isZero = (from: number, to: number): boolean => bytes.slice(from, to).every((byte) => byte === 0);
  const v6 = address as ipaddr.IPv6;
  if (v6.isIPv4MappedAddress() || v6.range() === 'rfc6145' || v6.range() === 'rfc6052') return at(12);
  if (v6.range() === '6to4') return at(2);
  // IPv4-compatible (::a.b.c.d), deprecated. :: and ::1 are not of this form.
  if (isZero(0, 12) && !isZero(12, 15)) return at(12);
  return address;
}
