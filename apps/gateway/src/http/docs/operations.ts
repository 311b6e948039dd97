import type { OpenAPIObject } from '@nestjs/swagger';
import type { RoutePolicies } from '../route-policies.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** By any of these a caller is identified. A change by a session needs its CSRF token, too. */
const READING = [{ key: [] }, { bearer: [] }, { basic: [] }, { session: [] }];
const WRITING = [{ key: [] }, { bearer: [] }, { basic: [] }, { session: [], csrf: [] }];

/** Completes each operation: the credentials that its policy requires, and an id of its own where a route has two paths. */
export function completeOperations(paths: OpenAPIObject['paths'], policies: RoutePolicies): void {
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const isPublic = policies.requirementOf(path, method.toUpperCase()).role === 'public';
      const { security } = operation;
      operation.security = isPublic ? [] : (security ?? (method === 'get' ? READING : WRITING));
      operation.operationId = idOf(operation.operationId, path);
      if (ids.has(operation.operationId)) throw new Error(`two operations have the id ${operation.operationId}`);
      ids.add(operation.operationId);
    }
  }
}

/** `listDatasources`; below `/api/v1`, where clients of the documented API find the same route, `listDatasourcesOfApi`. */
function idOf(id: string | undefined, path: string): string {
  if (id === undefined || id.includes('_')) throw new Error(`${path} has an operation without operationId`);
  return path.startsWith('/api/v1/') ? `${id}OfApi` : id;
}
