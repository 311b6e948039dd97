import type { OpenAPIObject } from '@nestjs/swagger';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** By any of these a caller is identified. A change by a session needs its CSRF token, too. */
const READING = [{ key: [] }, { bearer: [] }, { basic: [] }, { session: [] }];
const WRITING = [{ key: [] }, { bearer: [] }, { basic: [] }, { session: [], csrf: [] }];

/** Answers that any operation may give. */
export const commonResponses = {
  HeadTooLarge: { description: 'The head of the request is larger than 16 KiB. The connection is closed.' },
};

/** Completes each operation: the credentials that it requires, and an id of its own where a route has two paths. */
export function completeOperations(
  paths: OpenAPIObject['paths'],
  isPublic: (path: string, method: string) => boolean,
): void {
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      operation.security = securityOf(method, isPublic(path, method.toUpperCase()));
      operation.responses['431'] = { $ref: '#/components/responses/HeadTooLarge' };
      operation.operationId = idOf(operation.operationId, path);
      if (ids.has(operation.operationId)) throw new Error(`two operations have the id ${operation.operationId}`);
      ids.add(operation.operationId);
    }
  }
}

function securityOf(method: string, isPublic: boolean): typeof READING | typeof WRITING | [] {
  if (isPublic) return [];
  return method === 'get' ? READING : WRITING;
}

/** `listDatasources`; below `/api/v1`, where clients of the documented API find the same route, `listDatasourcesOfApi`. */
function idOf(id: string | undefined, path: string): string {
  if (id === undefined || id.includes('_')) throw new Error(`${path} has an operation without operationId`);
  return path.startsWith('/api/v1/') ? `${id}OfApi` : id;
}
