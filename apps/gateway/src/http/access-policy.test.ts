import { describe, expect, it } from 'vitest';
import { includes, policyOf, requiredRole } from './access-policy.js';

const role = (method: string, path: string) => requiredRole(policyOf(path), method);

describe('access policy', () => {
  it.each([
    ['GET', '/status', 'admin'],
    ['GET', '/reader_groups', 'admin'],
    ['DELETE', '/reader/llama/0', 'admin'],
    ['GET', '/v1/status', 'member'],
    ['POST', '/v1/notices', 'manager'],
    ['GET', '/v1/notices', 'member'],
    ['GET', '/api', 'member'],
    ['GET', '/api/status', 'member'],
    ['PUT', '/api/admin/restart', 'admin'],
    ['GET', '/api/v0/status', 'member'],
    ['POST', '/api/v0/projects', 'manager'],
    ['POST', '/v1/datasources', 'admin'],
    ['GET', '/v1/keys', 'admin'],
    ['GET', '/v1/dataplanes/main', 'member'],
    ['POST', '/v1/dataplanes/main/restarts', 'admin'],
    ['GET', '/healthz', 'public'],
    ['GET', '/openapi.json', 'public'],
    ['GET', '/docs/swagger-ui.css', 'public'],
    ['GET', '/statusx', 'admin'],
  ])('%s %s takes %s', (method, path, expected) => {
    expect(role(method, path)).toBe(expected);
  });

  it.each([
    ['/api/v0/nothing', 'registry'],
    ['/api/v1/datasources', 'datasource'],
    ['/v1/datasources/1', 'datasource'],
    ['/api/nothing', 'platform'],
    ['/v1/events', 'service-status'],
    ['/status', 'problem'],
    ['/nothing', 'problem'],
  ])('%s speaks the errors of %s', (path, shape) => {
    expect(policyOf(path).errors).toBe(shape);
  });

  it('orders the roles', () => {
    expect(includes('admin', 'manager')).toBe(true);
    expect(includes('manager', 'manager')).toBe(true);
    expect(includes('member', 'manager')).toBe(false);
  });
});
