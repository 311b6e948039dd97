import type { RegistryInProcess } from '../support/registry.js';

const HOUR_MS = 3_600_000;
/** The packages that exist in the folder of the registry. */
export const PACKAGES = ['orders', 'returns'];
const account = 'operators';

/** Bodies that are accepted, by operation: calls are made from them, too. */
export function acceptedBodies({ system }: RegistryInProcess): Record<string, object[]> {
  const tier = { requests_per_hour: 1_000, burst_per_second: 100 };
  const ends_at = new Date(Date.now() + HOUR_MS).toISOString();
  const postgresConnection = { host: '127.0.0.1', port: 1, userName: 'u', password: 'p', databaseName: 'd' };
  const mysqlConnection = { host: '127.0.0.1', port: 1, user: 'u', password: 'p', database: 'd' };
  const direct = { connectionString: system.database.url, metadata: { team: 'a' } };
  const endpoint = { endpoint: 'https://127.0.0.1:1/source', signingKey: 'k'.repeat(32) };
  const packages = PACKAGES.map((name) => ({ name, location: `./${name}` }));
  return {
    'PUT /v1/tiers/{name}': [tier],
    'POST /v1/accounts': [{ name: 'a' }, { name: 'b', tier: 'standard' }],
    'PATCH /v1/accounts/{id}': [{ name: 'c' }, { tier: 'standard' }],
    'POST /v1/keys': [
      { name: 'k', role: 'manager', account },
      { name: 'l', kind: 'publishable', mode: 'test', scopes: ['status:read'], networks: ['::1/128'] },
    ],
    'POST /v1/keys/{id}/rotate': [{ overlap_seconds: 60 }],
    'POST /v1/tokens': [{ ttl_seconds: 600 }, { role: 'member', name: 't', scopes: ['status:read'] }],
    'POST /v1/notices': [{ message: 'maintenance', components: ['registry'], ends_at }],
    'PATCH /v1/notices/{id}': [{ message: 'later', ends_at }],
    'POST /api/v0/projects': [{ name: 'shop-0' }, { name: 'shop-1', readme: '# Shop', packages }],
    'PATCH /api/v0/projects/{project}': [{ readme: '# Shops' }],
    'POST /api/v0/projects/{project}/connections/{connection}': [
      { type: 'postgres', postgresConnection },
      { type: 'mysql', mysqlConnection },
    ],
    'PATCH /api/v0/projects/{project}/connections/{connection}': [{ postgresConnection }],
    'POST /api/v0/connections/test': [{ name: 'c', type: 'postgres', postgresConnection }],
    'POST /api/v0/projects/{project}/packages': packages,
    'PATCH /api/v0/projects/{project}/packages/{package}': packages.map(({ location }) => ({ location })),
    'POST /v1/datasources': [direct, endpoint],
    'POST /api/v1/datasources': [direct, endpoint],
    'PATCH /v1/datasources/{id}': [{ metadata: { team: 'b' } }],
    'PATCH /api/v1/datasources/{id}': [{ metadata: { team: 'b' } }],
    'POST /v1/dataplanes/{name}/operations': [{ kind: 'hash-tree', path: '.' }],
    'POST /v1/dataplanes/{name}/restarts': [{ reason: 'r', drain_seconds: 0 }],
  };
}

/** Of what there must always be some, because calls delete them: the operations that make them, and where. */
function madeIn(round: number): [operation: string, path: string, named: object][] {
  const project = `shop-${round % 3}`;
  const at = `/api/v0/projects/${project}`;
  return [
    ['PUT /v1/tiers/{name}', `/v1/tiers/tier-${round % 5}`, {}],
    ['POST /v1/accounts', '/v1/accounts', {}],
    ['POST /v1/keys', '/v1/keys', {}],
    ['POST /v1/tokens', '/v1/tokens', {}],
    ['POST /v1/notices', '/v1/notices', {}],
    ['POST /api/v0/projects', '/api/v0/projects', { name: project }],
    ['POST /api/v0/projects/{project}/connections/{connection}', `${at}/connections/db`, {}],
    ['POST /api/v0/projects/{project}/packages', `${at}/packages`, {}],
    ['POST /v1/datasources', '/v1/datasources', {}],
    ['POST /v1/dataplanes/{name}/operations', '/v1/dataplanes/main/operations', {}],
  ];
}

export async function makeObjects(registry: RegistryInProcess, round: number): Promise<void> {
  const bodies = acceptedBodies(registry);
  for (const [operation, path, named] of madeIn(round)) {
    const accepted = bodies[operation]!;
    const body = { ...accepted[round % accepted.length]!, ...named };
    const response = await registry.system.send(operation.split(' ', 1)[0]!, path, body);
    // Not a fault: there already, as many as may be, or without the project that another call has just deleted. A fault of
    // the services is in their logs.
    if (response.status >= 400 && response.status < 500 && ![404, 409].includes(response.status))
      throw new Error(`${operation} was answered with ${response.status}: ${await response.text()}`);
  }
}
