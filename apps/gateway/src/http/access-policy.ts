import type { Role } from '@signalbox/contracts/http';

/** Who may do what below a path prefix, and which API's error shape speaks there. */
export interface PrefixPolicy {
  readonly prefix: string;
  readonly errors: ErrorShape;
  /** The role that reading (GET, HEAD) takes; public: none. */
  readonly read: Role | 'public';
  readonly write: Role | 'public';
}

export type ErrorShape = 'problem' | 'registry' | 'datasource' | 'platform' | 'service-status';

const same = (role: Role | 'public') => ({ read: role, write: role });

/** The table of the contracts, longest prefix first where one contains another. */
const POLICIES: readonly PrefixPolicy[] = [
  { prefix: '/api/v0', errors: 'registry', read: 'member', write: 'manager' },
  { prefix: '/api/v1/datasources', errors: 'datasource', read: 'member', write: 'admin' },
  { prefix: '/v1/datasources', errors: 'datasource', read: 'member', write: 'admin' },
  { prefix: '/api/admin', errors: 'platform', ...same('admin') },
  { prefix: '/api', errors: 'platform', ...same('member') },
  { prefix: '/v1/status', errors: 'service-status', ...same('member') },
  { prefix: '/v1/history', errors: 'service-status', ...same('member') },
  { prefix: '/v1/events', errors: 'service-status', ...same('member') },
  { prefix: '/v1/notices', errors: 'service-status', read: 'member', write: 'manager' },
  { prefix: '/status', errors: 'problem', ...same('admin') },
  { prefix: '/reader_groups', errors: 'problem', ...same('admin') },
  { prefix: '/config', errors: 'problem', ...same('admin') },
  { prefix: '/reader', errors: 'problem', ...same('admin') },
  { prefix: '/inference/status', errors: 'problem', read: 'member', write: 'admin' },
  { prefix: '/v1/readers', errors: 'problem', read: 'member', write: 'admin' },
  { prefix: '/v1/dataplanes', errors: 'problem', read: 'member', write: 'admin' },
  { prefix: '/v1/restarts', errors: 'problem', read: 'member', write: 'admin' },
  { prefix: '/v1/keys', errors: 'problem', ...same('admin') },
  { prefix: '/v1/accounts', errors: 'problem', ...same('admin') },
  { prefix: '/v1/audit', errors: 'problem', ...same('admin') },
  ...['/healthz', '/health', '/livez', '/readyz', '/docs', '/openapi.json'].map(
    (prefix) => ({ prefix, errors: 'problem', ...same('public') }) as const,
  ),
];

/** A route that nobody thought of here is for admins, until somebody does. */
const ELSEWHERE: PrefixPolicy = { prefix: '/', errors: 'problem', ...same('admin') };

/** The policy of a path (without its query); the longest matching prefix wins, and prefixes end where segments end. */
export function policyOf(path: string): PrefixPolicy {
  return POLICIES.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? ELSEWHERE;
}

/** The role a request takes. */
export function requiredRole(policy: PrefixPolicy, method: string): Role | 'public' {
  return method === 'GET' || method === 'HEAD' ? policy.read : policy.write;
}

const RANK: Record<Role, number> = { member: 1, manager: 2, admin: 3 };

/** Each role includes the ones before it. */
export const includes = (held: Role, required: Role): boolean => RANK[held] >= RANK[required];
