import { z } from 'zod';

/**
 * The name of a project, connection or package: one segment of a path, on every file system and in every URL
 * (contracts/registry.md).
 */
export const resourceName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/,
    'must be 1 to 255 letters, digits, dots, hyphens or underscores and begin with a letter or digit',
  );

/** Why a value cannot name a `what` (project, connection, package), as a text for people; undefined where it can. */
export function nameProblem(value: unknown, what: string): string | undefined {
  const { error } = resourceName.safeParse(value);
  return error && `The name of the ${what} ${error.issues[0]?.message ?? 'is not valid'}.`;
}

/** The name of an attached database, which is used in SQL. */
export const attachedName = z
  .string()
  .max(63)
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be letters, digits and underscores and not begin with a digit');
