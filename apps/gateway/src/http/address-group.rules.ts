import ipaddr from 'ipaddr.js';

const MAPPED = '::ffff:';

/**
 * What counts as one address: an IPv4 address, or the /64 network of an IPv6 address, which one client has for itself. Text that is no
 * address is its own group.
 */
export function addressGroup(address: string): string {
  // The address of an IPv4 peer where the server listens on `::`.
  if (address.startsWith(MAPPED) && address.includes('.')) return address.slice(MAPPED.length);
  if (!address.includes(':') || !ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : (parsed as ipaddr.IPv6).parts.slice(0, 4).join(':');
}
