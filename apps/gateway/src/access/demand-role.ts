import type { Role } from '@signalbox/contracts/http';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import { ApiError } from '../http/errors/api-error.js';
import { includes } from '../http/access-policy.js';

/** @throws ApiError 403 where a key's role does not include this one */
export function demandRole({ role: held }: Pick<ApiKeyEntry, 'role'>, role: Role): void {
  if (includes(held, role)) return;
  throw new ApiError({
    status: 403,
    code: 'insufficient_role',
    detail: `This takes a key of role ${role}; this key is a ${held}'s.`,
    suggestion: 'Ask an admin for a key of that role.',
  });
}
