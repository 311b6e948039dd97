import { describe, expect, it } from 'vitest';
import { credentialOf } from './credentials.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the credential of a request', () => {
  it.each([
    ['a key in X-Api-Key', { 'x-api-key': ' sk_live_1 ' }, { kind: 'key', text: 'sk_live_1' }],
    ['a key as a bearer', { authorization: 'bearer  sk_live_1' }, { kind: 'key', text: 'sk_live_1' }],
    ['a token as a bearer', { authorization: 'Bearer eyJh.eyJp.x' }, { kind: 'token', text: 'eyJh.eyJp.x' }],
    ['a token in X-Api-Key', { 'x-api-key': 'eyJh.eyJp.x' }, { kind: 'token', text: 'eyJh.eyJp.x' }],
    ['a key as a password', { authorization: basic('user:sk_live_1') }, { kind: 'key', text: 'sk_live_1' }],
    ['a token as a password', { authorization: basic(':eyJh.eyJp.x') }, { kind: 'token', text: 'eyJh.eyJp.x' }],
    ['a password with a colon', { authorization: basic('u:a:b') }, { kind: 'key', text: 'a:b' }],
    ['the first of two', { 'x-api-key': 'one', authorization: 'Bearer two' }, { kind: 'key', text: 'one' }],
    ['none', {}, undefined],
    ['an empty header', { 'x-api-key': '', authorization: '' }, undefined],
    ['another scheme', { authorization: 'Digest abc' }, undefined],
    ['a bearer without a credential', { authorization: 'Bearer' }, undefined],
    ['no password', { authorization: basic('sk_live_1') }, undefined],
    ['an empty password', { authorization: basic('sk_live_1:') }, undefined],
    ['characters that are not base64', { authorization: `${basic('u:sk_live_1')}!` }, undefined],
    ['a password that is too long', { authorization: basic(`u:${'x'.repeat(8_192)}`) }, undefined],
  ])('is %s', (_what, headers, expected) => {
    expect(credentialOf(headers)).toEqual(expected);
  });
});
