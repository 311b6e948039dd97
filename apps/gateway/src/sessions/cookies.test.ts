import { describe, expect, it } from 'vitest';
import type { Config } from '../config.js';
import { Cookies } from './cookies.js';

const at = (url?: string): Cookies => new Cookies({ SIGNALBOX_PUBLIC_URL: url } as Config);
const options = { name: 'a', value: 'x', sameSite: 'Strict', maxAgeSeconds: 5 } as const;

describe('cookies', () => {
  it('over https are sent over https only, to this very host', () => {
    const cookies = at('https://signalbox.example.com');
    expect(cookies.write(options)).toBe('__Host-a=x; Path=/; Max-Age=5; HttpOnly; SameSite=Strict; Secure');
    expect(cookies.read('b=1; __Host-a=x', 'a')).toBe('x');
    // Another host of the domain can set it.
    expect(cookies.read('a=x', 'a')).toBeUndefined();
  });

  it('over http have a plain name', () => {
    for (const cookies of [at('http://127.0.0.1:8080'), at()]) {
      expect(cookies.write(options)).toBe('a=x; Path=/; Max-Age=5; HttpOnly; SameSite=Strict');
      expect(cookies.read('ba=1;a=x=y', 'a')).toBe('x=y');
      expect(cookies.read(undefined, 'a')).toBeUndefined();
    }
  });
});
