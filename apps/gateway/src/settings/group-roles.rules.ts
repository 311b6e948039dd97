import { DEFAULT_ACCOUNT, role, type Role } from '@signalbox/contracts/http';

/** What the members of a group of the identity provider get. */
export interface GroupRole {
  readonly group: string;
  readonly role: Role;
  /** Id of an account. */
  readonly account: string;
}

/** Reads `group=role@account; group=role`. Groups may contain `=` and commas, as names in a directory do. */
export function parseGroupRoles(text: string): { mapping: GroupRole[]; problem?: string } {
  const mapping: GroupRole[] = [];
  for (const [index, part] of text.split(';').entries()) {
    const entry = part.trim();
    if (entry === '') continue;
    const place = `entry ${index + 1} (${entry})`;
    const [, group, name, account] = /^(.+)=\s*([^=@\s]+)\s*(?:@\s*([^@\s]+))?$/.exec(entry) ?? [];
    if (group === undefined) return { mapping, problem: `${place} must be group=role or group=role@account` };
    const known = role.safeParse(name);
    if (!known.success)
      return { mapping, problem: `${place} has the role ${name}, which is none of ${role.options.join(', ')}` };
    if (mapping.some((other) => other.group === group.trim()))
      return { mapping, problem: `${place} names a group again` };
    mapping.push({ group: group.trim(), role: known.data, account: account ?? DEFAULT_ACCOUNT });
  }
  return mapping.length === 0 ? { mapping, problem: 'must name at least one group' } : { mapping };
}

/** Of the groups of a person, the one with the highest role; of several, the one that the mapping has first. */
export function highestRole(mapping: readonly GroupRole[], groups: readonly string[]): GroupRole | undefined {
  const held = mapping.filter(({ group }) => groups.includes(group));
  const highest = Math.max(...held.map((each) => role.options.indexOf(each.role)));
  return held.find((each) => role.options.indexOf(each.role) === highest);
}
