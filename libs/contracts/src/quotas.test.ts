import { describe, expect, it } from 'vitest';
import { envQuotas, quotaMessage, QUOTAS } from './quotas.js';

const parse = (text: string | undefined) => envQuotas().safeParse(text);

describe('SIGNALBOX_QUOTAS', () => {
  it('overrides the quotas that it names, and leaves the others at their defaults', () => {
    expect(parse(' projects=5, keys = 0 ').data).toMatchObject({
      projects: 5,
      keys: 0,
      packages: QUOTAS.packages.most,
    });
    expect(parse('').data).toMatchObject({ projects: QUOTAS.projects.most });
    expect(parse(undefined).data).toEqual(parse('').data);
  });

  it.each([
    ['projects', '"projects" is not <quota>=<whole number>'],
    ['projects=-1', '"projects=-1" is not <quota>=<whole number>'],
    ['project=1', 'there is no quota project; there are projects, connections'],
    ['constructor=1', 'there is no quota constructor'],
    ['keys=1,keys=2', 'the quota keys stands there twice'],
    ['keys=9999999999999', 'the quota keys is more than'],
  ])('is refused as %s', (text, message) => {
    expect(parse(text).error?.issues[0]?.message).toContain(message);
  });
});

it('names a quota, its value, what is used and how to raise it', () => {
  expect(quotaMessage('keys', { most: 2, used: 3 })).toMatch(
    /quota keys is 2 .* 3 are used.*SIGNALBOX_QUOTAS=keys=<number>/,
  );
});
