import { describe, expect, it } from 'vitest';
import { parseLocation } from './package-location.rules.js';

describe('a location', () => {
  it.each([
    ['./models', { kind: 'folder', path: './models' }],
    ['/srv/models', { kind: 'folder', path: '/srv/models' }],
    ['models', { kind: 'folder', path: 'models' }],
    ['https://github.com/o/r', { kind: 'git', url: 'https://github.com/o/r' }],
    ['https://github.com/o/r/tree/main', { kind: 'git', url: 'https://github.com/o/r', branch: 'main' }],
    [
      'https://github.com/o/r/tree/main/a/b',
      { kind: 'git', url: 'https://github.com/o/r', branch: 'main', folder: 'a/b' },
    ],
    [
      'https://git.example.org/deep/er/o/r.git/tree/next',
      { kind: 'git', url: 'https://git.example.org/deep/er/o/r.git', branch: 'next' },
    ],
    ['https://github.com/o/r?token=x#y', { kind: 'git', url: 'https://github.com/o/r' }],
    ['http://127.0.0.1:8080/r', { kind: 'git', url: 'http://127.0.0.1:8080/r' }],
  ])('%s', (location, expected) => {
    expect(parseLocation(location)).toEqual(expected);
  });

  it.each([
    ['git@github.com:o/r.git', 'over ssh'],
    ['ssh://git@github.com/o/r', 'https://'],
    ['file:///etc', 'https://'],
    ['http://github.com/o/r', 'https://'],
    ['https://u:p@github.com/o/r', 'user or password'],
    ['https://[', 'not a URL'],
    ['https://github.com/o/r/tree/%ZZ', 'not a URL'],
    ['s3://a-bucket', 's3: is not supported'],
    ['gs://a-bucket/models', 'gs: is not supported'],
    ['./a\u0000b', 'control character'],
    ['x'.repeat(2_001), '2,000'],
  ])('refuses %s', (location, message) => {
    expect(() => parseLocation(location)).toThrow(message);
  });
});
