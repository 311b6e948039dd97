import { nameProblem } from '@signalbox/contracts/http';
import { ApiError } from '../http/errors/api-error.js';

/** A name that stands in a path. @throws ApiError 400 where it cannot be the name of anything */
export function pathName(value: string, what: string): string {
  const problem = nameProblem(value, what);
  if (problem !== undefined) throw new ApiError({ status: 400, code: 'invalid_name', detail: problem });
  return value;
}

/** The names in the path of a connection. @throws ApiError 400 */
export const namesOfConnection = (project: string, name: string): { project: string; name: string } => ({
  project: pathName(project, 'project'),
  name: pathName(name, 'connection'),
});

/** The ETag of a resource: its version. */
export const etagOf = ({ version }: { version: number }): string => `"${version}"`;
