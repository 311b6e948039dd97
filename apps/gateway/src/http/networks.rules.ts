import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The networks that a key may be used from. */
export interface Networks {
  includes(address: string): boolean;
}

/** @param cidrs a network that cannot be read includes no address */
export function networksOf(cidrs: readonly string[]): Networks {
  const networks = cidrs.flatMap((cidr) => (ipaddr.isValidCIDR(cidr) ? [mapped(ipaddr.parseCIDR(cidr))] : []));
  return {
    includes(text) {
      if (!ipaddr.isValid(text)) return false;
      // The address of an IPv4 peer is an IPv6 one where the server listens on `::`.
      const address = ipaddr.process(text);
      return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
    },
  };
}

/** `::ffff:10.0.0.0/104` is `10.0.0.0/8`. */
function mapped([network, bits]: [Address, number]): [Address, number] {
  if (network.kind() === 'ipv4' || bits < 96) return [network, bits];
  const v6 = network as ipaddr.IPv6;
  return v6.isIPv4MappedAddress() ? [v6.toIPv4Address(), bits - 96] : [network, bits];
}
