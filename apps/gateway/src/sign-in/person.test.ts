import { describe, expect, it } from 'vitest';
import { groupsOf, nameOf, personOf } from './person.js';

describe('the claims of a person', () => {
  it('give one id for one subject of one issuer', () => {
    expect(personOf('https://a', 'x')).toBe(personOf('https://a', 'x'));
    expect(new Set([personOf('https://a', 'x'), personOf('https://b', 'x'), personOf('https://a', 'y')]).size).toBe(3);
  });

  it.each([
    [{ sub: '1', name: 'A Name', email: 'a@example.com' }, 'A Name'],
    [{ sub: '1', name: ' \n', preferred_username: 'aname' }, 'aname'],
    [{ sub: '1', name: 7, email: 'a@example.com' }, 'a@example.com'],
    [{ sub: '1', name: 'a\u0000\u001b[31mb' }, 'a[31mb'],
    [{ sub: '1', name: '😀'.repeat(200) }, '😀'.repeat(100)],
    [{ sub: '1', name: 'a\ud800' }, 'a\ufffd'],
    [{ sub: '1' }, '1'],
    [{ sub: '\u0000' }, 'unnamed'],
  ])('give a name: %j', (claims, name) => {
    expect(nameOf(claims)).toBe(name);
  });

  it.each([
    [
      ['a', 7, null, 'b'],
      ['a', 'b'],
    ],
    ['a', ['a']],
    [undefined, []],
    [{ a: 'b' }, []],
  ])('give groups: %j', (claim, groups) => {
    expect(groupsOf(claim)).toEqual(groups);
  });
});
