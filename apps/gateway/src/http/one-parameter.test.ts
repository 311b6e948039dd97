import { describe, expect, it } from 'vitest';
import { withOneParameter } from './one-parameter.js';

describe('a target whose end is one parameter', () => {
  it.each([
    ['/config/a', '/config/a'],
    ['/config/pool/llama:0', '/config/pool%2Fllama:0'],
    ['/config/a/b/c?d=/e', '/config/a%2Fb%2Fc?d=/e'],
    ['/config//a', '/config/%2Fa'],
    ['/config/a%2Fb', '/config/a%2Fb'],
    ['/config/a/', '/config/a%2F'],
    ['/config', '/config'],
    ['/config/', '/config/'],
    ['/config/?a=/b', '/config/?a=/b'],
    ['/config?a=/b', '/config?a=/b'],
    ['/configuration/a/b', '/configuration/a/b'],
    ['/reader_groups/a/b', '/reader_groups/a/b'],
    ['/other/config/a/b', '/other/config/a/b'],
  ])('is %s and then %s', (target, one) => {
    expect(withOneParameter(target, ['/config', '/reader'])).toBe(one);
  });
});
