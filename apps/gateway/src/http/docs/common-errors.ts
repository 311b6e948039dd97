import type { OpenAPIObject } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** No known credential, one that may not do this, too many requests with it or too many wrong ones, and one that cannot be confirmed (`access_unverified`). */
const OF_SECURED = [401, 403, 429, 503];
/** An address that cannot be decoded. */
const OF_ALL = [400];
/** A parameter in the path that is too long. */
const OF_PARAMETERS = [414];
/** A body that is too large or of another type. */
const OF_BODIES = [413, 415];

/**
 * Adds what the server answers itself before a route is reached, in the shape of the route's other errors. The routes name only
 * their own errors.
 */
export function addCommonErrors({ paths }: OpenAPIObject, isPublic: (path: string, method: string) => boolean): void {
  for (const [path, item] of Object.entries(paths))
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      add(operation, OF_ALL);
      if (!isPublic(path, method.toUpperCase())) add(operation, OF_SECURED);
      if (path.includes('{')) add(operation, OF_PARAMETERS);
      if (method !== 'get') add(operation, OF_BODIES);
    }
}

function add({ responses }: Operation, statuses: readonly number[]): void {
  const known = Object.entries(responses).find(([status, response]) => Number(status) >= 400 && 'content' in response!);
  if (known === undefined) return;
  for (const status of statuses) responses[status] ??= { ...known[1]!, description: STATUS_CODES[status]! };
}
