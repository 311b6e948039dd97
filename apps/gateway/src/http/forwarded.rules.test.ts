import { expect, it } from 'vitest';
import { clientAddress } from './forwarded.rules.js';

const proxies = new Set(['10.0.0.1', '10.0.0.2']);

it.each([
  ['of a peer that is no proxy', '192.0.2.9', '198.51.100.1', '192.0.2.9'],
  ['that the proxy saw', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['that the first proxy of two saw', '10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
  ['to the right of what the client sent', '10.0.0.1', '10.0.0.2, 203.0.113.7, 198.51.100.1', '198.51.100.1'],
  ['to the right of a trusted address that the client sent', '10.0.0.1', '10.0.0.2,198.51.100.1', '198.51.100.1'],
  ['of the proxy itself', '10.0.0.1', undefined, '10.0.0.1'],
  ['of the proxy that sends an empty header', '10.0.0.1', '', '10.0.0.1'],
  ['of the proxy that sends no address', '10.0.0.1', 'unknown', '10.0.0.1'],
  ['of the proxy to the right of what is no address', '10.0.0.1', '198.51.100.1, _hidden, 10.0.0.2', '10.0.0.2'],
  ['of the leftmost proxy where all are trusted', '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ['without its port', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
  ['of IPv6', '10.0.0.1', '2001:DB8:0::1', '2001:db8::1'],
  ['of IPv6 with its port', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
  ['of IPv4 in IPv6', '10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['not as a number', '10.0.0.1', '3325256705', '10.0.0.1'],
])('takes the address %s', (_what, peer, header, expected) => {
  expect(clientAddress(peer, header, (address) => proxies.has(address))).toBe(expected);
});
