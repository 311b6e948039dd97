import { quotaMessage } from '@signalbox/contracts/http';
import { ApiError } from '../http/errors/api-error.js';

export const keyNotFound = (id: string): ApiError =>
  new ApiError({ status: 404, code: 'key_not_found', detail: `There is no key ${id}.` });

export const keyRevoked = (id: string): ApiError =>
  new ApiError({
    status: 409,
    code: 'key_revoked',
    detail: `The key ${id} was revoked.`,
    suggestion: 'Create another key: POST /v1/keys.',
  });

export const keyExpired = (id: string): ApiError =>
  new ApiError({
    status: 409,
    code: 'key_expired',
    detail: `The key ${id} has expired.`,
    suggestion: 'Create another key: POST /v1/keys.',
  });

export const keyAlreadyRotated = (id: string, successor: string): ApiError =>
  new ApiError({
    status: 409,
    code: 'key_already_rotated',
    detail: `The key ${id} is replaced by the key ${successor} already.`,
    suggestion: `Rotate that one: POST /v1/keys/${successor}/rotate.`,
  });

export const tooManyKeys = (quota: { most: number; used: number }): ApiError =>
  new ApiError({
    status: 409,
    code: 'quota_exceeded',
    detail: quotaMessage('keys', quota),
    suggestion: 'Revoke keys that are not used any more: DELETE /v1/keys/{id}.',
  });

export const lastAdminKey = (): ApiError =>
  new ApiError({
    status: 409,
    code: 'last_admin_key',
    detail: 'This is the last key of an admin: without it no other one could be created.',
    suggestion: 'Create another admin key first.',
  });
