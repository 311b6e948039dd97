import ipaddr from 'ipaddr.js';

export interface AddressRules {
  /** 127.0.0.0/8 and ::1, where a deployment reaches what runs beside it. */
  readonly allowLoopback: boolean;
  /** 10/8, 172.16/12, 192.168/16, 100.64/10 and fc00::/7, where it reaches its own network. Link-local, with the metadata services of clouds, never. */
  readonly allowPrivate: boolean;
}

const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'carrierGradeNat']);
const LOCAL_TRANSLATION = ipaddr.parseCIDR('64:ff9b:1::/48') as [ipaddr.IPv6, number];
/** The metadata service of a cloud under an address of a range that may be allowed. */
const NEVER = new Set(['fd00:ec2::254', '100.100.100.200']);

/**
 * Why an IP address may not be connected to; undefined where it may. An IPv6 address that carries an IPv4 address (mapped, 6to4,
 * NAT64, compatible) is judged as what it carries.
 */
export function refusalOf(address: string, rules: AddressRules): string | undefined {
  if (!ipaddr.isValid(address)) return 'is no IP address';
  const given = ipaddr.parse(address);
  // What such an address stands for is known to its network only (RFC 8215).
  if (given.kind() === 'ipv6' && given.match(LOCAL_TRANSLATION))
    return rules.allowPrivate ? undefined : 'is an address of a private network';
  const parsed = carried(given);
  if (NEVER.has(parsed.toString())) return 'is a metadata service';
  const range: string = parsed.range();
  if (range === 'unicast') return undefined;
  if (range === 'loopback') return rules.allowLoopback ? undefined : 'is an address of this machine';
  if (PRIVATE_RANGES.has(range)) return rules.allowPrivate ? undefined : 'is an address of a private network';
  return `is no address that a server has (${range})`;
}

/** What an IPv6 address stands for, where it stands for an IPv4 address. */
function carried(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const at = (start: number): ipaddr.IPv4 => new ipaddr.IPv4(bytes.slice(start, start + 4));
  const isZero = (from: number, to: number): boolean => bytes.slice(from, to).every((byte) => byte === 0);
  const v6 = address as ipaddr.IPv6;
  if (v6.isIPv4MappedAddress() || v6.range() === 'rfc6145' || v6.range() === 'rfc6052') return at(12);
  if (v6.range() === '6to4') return at(2);
  // IPv4-compatible (::a.b.c.d), long deprecated; :: and ::1 are addresses of their own.
  if (isZero(0, 12) && !isZero(12, 15)) return at(12);
  return address;
}
