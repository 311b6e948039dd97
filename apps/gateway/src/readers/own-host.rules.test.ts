import { describe, expect, it } from 'vitest';
import { isOwnHost } from './own-host.rules.js';

describe('a Host', () => {
  const own = { address: '127.0.0.1', port: 3_001, names: ['machine-1'], hosts: ['readers.example', 'gateway:9001'] };

  it.each([
    ['the address of the connection', '127.0.0.1:3001', {}],
    ['a name of this machine', 'machine-1:3001', {}],
    ['localhost, in any case', 'LocalHost:3001', {}],
    ['an IPv6 address', '[::1]:3001', { address: '::1' }],
    ['an IPv4 address on a socket for both', '10.0.0.7:3001', { address: '::ffff:10.0.0.7' }],
    ['no port where it is 80', 'localhost', { port: 80 }],
    ['a configured one', 'readers.example', {}],
    ['a configured one with its port', 'gateway:9001', {}],
  ])('is own with %s', (_what, host, over) => {
    expect(isOwnHost(host, { ...own, ...over })).toBe(true);
  });

  it.each([
    ['a name that points here', 'evil.example:3001'],
    ['a name that begins like an own one', 'localhost.evil.example:3001'],
    ['another address', '127.0.0.2:3001'],
    ['another port', 'localhost:8080'],
    ['no port', 'localhost'],
    ['another port of a configured name', 'gateway:3001'],
    ['user information', 'localhost:3001@evil.example'],
    ['nothing', ''],
    ['no Host', undefined],
  ])('is not own with %s', (_what, host) => {
    expect(isOwnHost(host, own)).toBe(false);
  });
});
