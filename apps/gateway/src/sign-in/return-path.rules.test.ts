import { describe, expect, it } from 'vitest';
import { isLocalPath } from './return-path.rules.js';

describe('the path to return to after signing in', () => {
  it.each(['/', '/docs', '/docs/?a=b&c=%20#d', '/a//b', `/${'x'.repeat(499)}`])('may be %s', (path) => {
    expect(isLocalPath(path)).toBe(true);
  });

  it.each([
    '',
    'docs',
    '//example.com',
    '/\\example.com',
    '/\t/example.com',
    '/\n/example.com',
    'https://example.com/',
    'javascript:alert(1)',
    ' /docs',
    '/ü',
    `/${'x'.repeat(500)}`,
  ])('may not be %j', (path) => {
    expect(isLocalPath(path)).toBe(false);
  });
});
