import { describe, expect, it } from 'vitest';
import { accessPolicies } from './access/access.module.js';
import { auditPolicies } from './audit/audit.module.js';
import { dataplanesPolicies } from './dataplanes/dataplanes.module.js';
import { datasourcesPolicies } from './datasources/datasources.module.js';
import { healthPolicies } from './health/health.module.js';
import { ApiError } from './http/errors/api-error.js';
import { httpPolicies } from './http/http.policies.js';
import { RoutePolicies } from './http/route-policies.js';
import { noticesPolicies } from './notices/notices.module.js';
import { platformPolicies } from './platform/platform.module.js';
import { quotasPolicies } from './quotas/quotas.module.js';
import { readersPolicies } from './readers/readers.module.js';
import { registryPolicies } from './registry/registry.module.js';
import { sessionsPolicies } from './sessions/sessions.module.js';
import { signInPolicies } from './sign-in/sign-in.module.js';
import { statusPolicies } from './status/status.module.js';
import { tokensPolicies } from './tokens/tokens.module.js';

describe('the route policies of all features', () => {
  const policies = new RoutePolicies();
  for (const each of [
    accessPolicies,
    readersPolicies,
    platformPolicies,
    registryPolicies,
    auditPolicies,
    dataplanesPolicies,
    datasourcesPolicies,
    statusPolicies,
    noticesPolicies,
    quotasPolicies,
    sessionsPolicies,
    signInPolicies,
    tokensPolicies,
    healthPolicies,
    httpPolicies,
  ])
    policies.add(each);

  it.each([
    ['GET', '/status', 'admin'],
    ['GET', '/reader_groups', 'admin'],
    ['DELETE', '/reader/llama/0', 'admin'],
    ['GET', '/v1/status', 'member'],
    ['POST', '/v1/notices', 'manager'],
    ['GET', '/v1/notices', 'member'],
    ['GET', '/v1/session', 'member'],
    ['POST', '/v1/session/sign-out', 'member'],
    ['GET', '/v1/sessions', 'admin'],
    ['DELETE', '/v1/sessions/session_1', 'admin'],
    ['GET', '/v1/session/sign-in', 'public'],
    ['GET', '/v1/session/callback', 'public'],
    ['GET', '/api', 'member'],
    ['GET', '/api/status', 'member'],
    ['PUT', '/api/admin/restart', 'admin'],
    ['GET', '/api/v0/status', 'member'],
    ['POST', '/api/v0/projects', 'manager'],
    ['POST', '/api/v0/connections/test', 'member'],
    ['POST', '/api/v0/projects/:project/connections/:connection', 'manager'],
    ['POST', '/api/v0/projects/:project/connections/:connection/test', 'member'],
    ['GET', '/v1/datasources', 'member'],
    ['POST', '/v1/datasources', 'admin'],
    ['DELETE', '/api/v1/datasources/ds_1', 'admin'],
    ['GET', '/v1/keys', 'admin'],
    ['PATCH', '/v1/accounts/default', 'admin'],
    ['GET', '/v1/tiers', 'admin'],
    ['GET', '/v1/quotas', 'admin'],
    ['GET', '/v1/dataplanes/main', 'member'],
    ['POST', '/v1/dataplanes/main/restarts', 'admin'],
    ['POST', '/v1/tokens', 'member'],
    ['GET', '/.well-known/jwks.json', 'public'],
    ['GET', '/.well-known/other', 'admin'],
    ['GET', '/healthz', 'public'],
    ['GET', '/health', 'public'],
    ['GET', '/health/liveness', 'public'],
    ['GET', '/openapi.json', 'public'],
    ['GET', '/asyncapi.json', 'public'],
    ['GET', '/docs/swagger-ui.css', 'public'],
    ['GET', '/statusx', 'admin'],
  ])('require for %s %s the role %s', (method, path, role) => {
    expect(policies.requirementOf(path, method).role).toBe(role);
  });

  it.each([
    ['GET', '/v1/status', 'status:read'],
    ['GET', '/status', 'readers:read'],
    ['DELETE', '/reader/llama/0', 'readers:write'],
    ['HEAD', '/api/v0/projects', 'registry:read'],
    ['POST', '/api/v0/projects', 'registry:write'],
    ['POST', '/api/v0/connections/test', 'registry:read'],
    ['POST', '/api/v0/projects/:project/connections/:connection/test', 'registry:read'],
    ['PUT', '/api/admin/restart', 'platform:write'],
    ['GET', '/v1/restarts/r', 'dataplanes:read'],
    ['POST', '/v1/notices', 'notices:write'],
    ['GET', '/v1/audit', 'access:read'],
    ['DELETE', '/v1/keys/key_1', 'access:write'],
    ['POST', '/v1/tokens', 'own'],
    ['GET', '/v1/datasources', 'datasources:read'],
    ['POST', '/api/v1/datasources/dse_1/verify', 'datasources:write'],
    ['GET', '/unlisted', 'outside'],
  ])('require for %s %s the scope %s', (method, path, scope) => {
    expect(policies.requirementOf(path, method).scope).toBe(scope);
  });

  it.each([
    ['GET', '/livez', 'immediate'],
    ['GET', '/readyz', 'immediate'],
    ['GET', '/healthz', 'immediate'],
    ['GET', '/status', 'read'],
    ['GET', '/v1/audit', 'read'],
    ['HEAD', '/api/v0/projects', 'read'],
    ['POST', '/api/v0/projects', 'write'],
    ['PATCH', '/api/v0/projects/:project', 'write'],
    ['PUT', '/api/admin/restart', 'write'],
    ['DELETE', '/v1/keys/:id', 'write'],
    ['POST', '/api/v0/connections/test', 'long'],
    ['POST', '/api/v0/projects/:project/connections/:connection/test', 'long'],
    ['POST', '/api/v0/projects/:project/packages', 'long'],
    ['GET', '/api/v0/projects/:project/packages/:package', 'read'],
    ['POST', '/v1/datasources/:id/verify', 'long'],
    ['POST', '/unlisted', 'write'],
  ])('put %s %s into the class %s', (method, path, work) => {
    expect(policies.workOf({ path, method, isChange: method !== 'GET' && method !== 'HEAD' })).toBe(work);
  });

  it('put a read that reloads into the class of what takes long', () => {
    const reload = { path: '/api/v0/projects/:project', method: 'GET', isChange: true };
    expect(policies.workOf(reload)).toBe('long');
  });

  const error = new ApiError({
    status: 403,
    code: 'insufficient_role',
    detail: 'No.',
    suggestion: 'Ask.',
    fields: [{ path: 'name', message: 'bad' }],
  });
  const registry = { code: 403, message: 'No.' };
  const platform = { detail: 'No.' };
  const datasource = {
    type: 'AbloPermissionError',
    code: 'forbidden',
    message: 'No.',
    param: 'name',
    request_id: 'req_1',
    doc_url: '/docs/errors#insufficient_role',
  };
  const serviceStatus = {
    success: false,
    message: 'No.',
    code: 'insufficient_role',
    status_code: 403,
    suggestion: 'Ask.',
    request_id: 'req_1',
    details: { errors: [{ path: 'name', message: 'bad' }] },
  };
  /** RFC 9457. */
  const problem = {
    type: 'urn:signalbox:problem:insufficient_role',
    title: 'Forbidden',
    status: 403,
    detail: 'No.',
    code: 'insufficient_role',
    request_id: 'req_1',
    suggestion: 'Ask.',
    errors: [{ path: 'name', message: 'bad' }],
  };

  it.each([
    ['/api/v0/nothing', registry],
    ['/api/v1/datasources', datasource],
    ['/v1/datasources/1', datasource],
    ['/api/nothing', platform],
    ['/v1/status', serviceStatus],
    ['/v1/events', serviceStatus],
    ['/status', problem],
    ['/nothing', problem],
  ])('give an error of %s the documented shape', (path, body) => {
    expect(policies.of(path).errors(error, 'req_1').body).toEqual(body);
  });

  const limited = new ApiError({
    status: 429,
    code: 'rate_limit_error',
    detail: 'Too many.',
    details: { limit: 5, remaining: 0, reset_time: 1_800_000_000, window_size: 3_600 },
  });

  it.each([
    ['/v1/status', { code: 'rate_limit_error', details: limited.details }],
    ['/v1/keys', { code: 'rate_limit_error', ...limited.details }],
    ['/v1/datasources', { type: 'AbloRateLimitError', code: 'rate_limit_exceeded' }],
  ])('give the facts of a refusal at %s where the shape has a place for them', (path, members) => {
    expect(policies.of(path).errors(limited, 'req_1').body).toMatchObject(members);
  });

  it('give problem details their own content type', () => {
    expect(policies.of('/status').errors(error, 'req_1').contentType).toBe('application/problem+json');
  });
});
