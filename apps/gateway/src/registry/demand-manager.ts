import type { FastifyRequest } from 'fastify';
import { demandRole } from '../access/demand-role.js';
import { demandScope } from '../access/demand-scope.js';

/** For a request of which only the body or the query shows that it requires what changes require. @throws ApiError 403 */
export function demandManager({ caller }: FastifyRequest): void {
  // Each request below /api/v0 has a caller: its path requires one.
  demandRole(caller!, 'manager');
  demandScope(caller!, 'registry:write');
}
