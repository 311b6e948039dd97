import { expect, it } from 'vitest';
import { callerName, type Caller } from './caller.js';

const key = { id: 'key_1' } as Caller;

it('counts the requests of a caller by its id, and of one that is not known by the network that it has for itself', () => {
  const name = (ip: string, caller: Caller | null = null): string => callerName({ caller, ip });
  expect(name('192.0.2.1', key)).toBe('key_1');
  expect(name('192.0.2.1')).not.toBe(name('192.0.2.2'));
  expect(name('2001:db8:1:1::1')).toBe(name('2001:db8:1:1:ffff::2'));
  expect(name('2001:db8:1:1::1')).not.toBe(name('2001:db8:1:2::1'));
});
