import type { Role } from '@signalbox/contracts/http';
import type { Caller } from '../http/caller.js';
import { ApiError } from '../http/errors/api-error.js';

const RANK: Record<Role, number> = { member: 1, manager: 2, admin: 3 };

/** A role includes each role of a lower rank. */
export const includes = (held: Role, required: Role): boolean => RANK[held] >= RANK[required];

export const lowerRole = (one: Role, other: Role): Role => (includes(one, other) ? other : one);

/** @throws ApiError 403 if the role of the caller does not include `required` */
export function demandRole({ role: held }: Pick<Caller, 'role'>, required: Role): void {
  if (includes(held, required)) return;
  throw new ApiError({
    status: 403,
    code: 'insufficient_role',
    detail: `This request requires a key of role ${required}; the role of this key is ${held}.`,
    suggestion: 'Ask an admin for a key of that role.',
  });
}
