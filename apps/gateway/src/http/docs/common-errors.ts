import type { OpenAPIObject } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** An address that cannot be decoded. */
const OF_ALL = [400];
/** A parameter in the path that is too long. */
const OF_PARAMETERS = [414];
/** A body that is too large or of another type. */
const OF_BODIES = [413, 415];
/** Neither the database nor the broker can say whether the credential is valid. */
const OF_CALLERS = [503];

/**
 * Adds what the server answers itself before a route is reached, in the shape of the route's other errors. The routes name only
 * their own errors.
 */
export function addCommonErrors({ paths }: OpenAPIObject): void {
  for (const [path, item] of Object.entries(paths))
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      add(operation, OF_ALL);
      if (path.includes('{')) add(operation, OF_PARAMETERS);
      if (method !== 'get') add(operation, OF_BODIES);
      if ('401' in operation.responses) add(operation, OF_CALLERS);
    }
}

function add({ responses }: Operation, statuses: readonly number[]): void {
  const known = Object.entries(responses).find(([status, response]) => Number(status) >= 400 && 'content' in response!);
  if (known === undefined) return;
  for (const status of statuses) responses[status] ??= { ...known[1]!, description: STATUS_CODES[status]! };
}
