import { describe, expect, it } from 'vitest';
import { highestRole, parseGroupRoles } from './group-roles.rules.js';

describe('the roles of groups', () => {
  it.each([
    ['staff=member', [{ group: 'staff', role: 'member', account: 'default' }]],
    [
      ' a b = admin @ operators ;c=manager@acc_1;',
      [
        { group: 'a b', role: 'admin', account: 'operators' },
        { group: 'c', role: 'manager', account: 'acc_1' },
      ],
    ],
    ['cn=ops,ou=groups=admin@x', [{ group: 'cn=ops,ou=groups', role: 'admin', account: 'x' }]],
    ['me@example.com=member', [{ group: 'me@example.com', role: 'member', account: 'default' }]],
  ])('are read from %s', (text, mapping) => {
    expect(parseGroupRoles(text)).toEqual({ mapping });
  });

  it.each([
    ['', 'must name at least one group'],
    ['staff', 'entry 1 (staff) must be group=role or group=role@account'],
    ['a=member; b=', 'entry 2 (b=) must be group=role or group=role@account'],
    ['a=owner', 'entry 1 (a=owner) has the role owner, which is none of member, manager, admin'],
    ['a=member; a=admin', 'entry 2 (a=admin) names a group again'],
  ])('are refused with what is wrong in "%s"', (text, problem) => {
    expect(parseGroupRoles(text).problem).toBe(problem);
  });

  it('are the highest one of the groups of a person, and none without a group that is mapped', () => {
    const { mapping } = parseGroupRoles('staff=member; leads=manager@one; ops=manager@two');
    expect(highestRole(mapping, ['ops', 'staff', 'leads'])).toMatchObject({ role: 'manager', account: 'one' });
    expect(highestRole(mapping, ['ops'])).toMatchObject({ account: 'two' });
    expect(highestRole(mapping, ['Staff', ''])).toBeUndefined();
    expect(highestRole(mapping, [])).toBeUndefined();
  });
});
