import { describe, expect, it } from 'vitest';
import { parseEndpointUrl } from './endpoint-url.rules.js';

describe('parseEndpointUrl', () => {
  it.each([
    ['https://API.example.com/ablo', true, { url: 'https://api.example.com/ablo', host: 'api.example.com', port: 443 }],
    [
      'https://api.example.com:8443',
      true,
      { url: 'https://api.example.com:8443/', host: 'api.example.com', port: 8_443 },
    ],
    ['http://127.0.0.1:4000/x?y=1', false, { url: 'http://127.0.0.1:4000/x?y=1', host: '127.0.0.1', port: 4_000 }],
    ['http://0x7f.1/', false, { url: 'http://127.0.0.1/', host: '127.0.0.1', port: 80 }],
  ])('reads %s', (text, livemode, expected) => {
    expect(parseEndpointUrl(text, { livemode })).toEqual(expected);
  });

  it.each([
    ['api.example.com', 'not a URL'],
    ['ftp://api.example.com', 'https://'],
    ['https://api.example.com:0/', 'port must be'],
    ['http://api.example.com', 'live mode'],
    ['https://user@api.example.com', 'user or password'],
    ['https://:secret@api.example.com', 'user or password'],
    ['https://api.example.com/#part', 'fragment'],
    ['https://api.example.com/#', 'fragment'],
    [`https://api.example.com/${'ü'.repeat(1_000)}`, '2048'],
  ])('refuses %s', (text, why) => {
    expect(() => parseEndpointUrl(text, { livemode: true })).toThrow(why);
  });
});
