import { z } from 'zod';

/**
 * The name of a project, connection or package: one segment of a path, on every file system and in every URL
 * (contracts/registry.md).
 */
const NAME_RULE = 'must be 1 to 255 letters, digits, dots, hyphens or underscores and begin with a letter or digit';
export const resourceName = z.string(NAME_RULE).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/, NAME_RULE);

/** As forms send it: blank where none is given. */
export const resourceNameOrBlank = z.string(NAME_RULE).regex(/^([A-Za-z0-9][A-Za-z0-9._-]{0,254})?$/, NAME_RULE);

/** Why a value cannot name a `what` (project, connection, package), as a text for people; undefined where it can. */
export function nameProblem(value: unknown, what: string): string | undefined {
  const { error } = resourceName.safeParse(value);
  return error && `The name of the ${what} ${error.issues[0]?.message ?? 'is not valid'}.`;
}

/** The name of an attached database, which is used in SQL. */
const ATTACHED_NAME_RULE = 'must be 1 to 63 letters, digits and underscores and not begin with a digit';
export const attachedName = z
  .string(ATTACHED_NAME_RULE)
  .max(63, ATTACHED_NAME_RULE)
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, ATTACHED_NAME_RULE);
