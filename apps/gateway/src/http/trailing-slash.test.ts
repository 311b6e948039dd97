import { describe, expect, it } from 'vitest';
import { withoutTrailingSlash } from './trailing-slash.js';

describe('a target of a request', () => {
  it.each([
    ['/status/', '/status'],
    ['/v1/keys/?x=/', '/v1/keys?x=/'],
    ['/v1/keys/key_1/', '/v1/keys/key_1'],
    ['/docs/swagger-ui.css/', '/docs/swagger-ui.css'],
  ])('%s is %s', (target, same) => {
    expect(withoutTrailingSlash(target)).toBe(same);
  });

  it.each([
    '/',
    '//',
    '/?x',
    '/status',
    '/status//',
    '/status?x=/',
    '/docs/',
    '/docs/?x',
    '/status?a/?b',
    '/status%2f',
    'http://host/',
    '*',
    '',
  ])('%s stays as it is', (target) => {
    expect(withoutTrailingSlash(target)).toBe(target);
  });
});
