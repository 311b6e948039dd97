import { resourceName } from '@signalbox/contracts';
import { ApiError } from '../../errors/api-error.js';

/** A name that stands in a path. @throws ApiError 400 where it cannot be the name of anything */
export function pathName(value: string, what: string): string {
  const parsed = resourceName.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError({ status: 400, code: 'invalid_name', detail: `The name of the ${what} ${parsed.error.issues[0]?.message ?? 'is not valid'}.` });
}

/** The ETag of a resource: its version. */
export const etagOf = ({ version }: { version: number }): string => `"${version}"`;
