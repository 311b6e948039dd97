import { Injectable } from '@nestjs/common';
import type { Role } from '@signalbox/contracts/http';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../http/errors/api-error.js';
import { pathOf } from '../http/request-path.js';
import type { RequestAuthentication } from '../http/request-authentication.js';
import { RoutePolicies } from '../http/route-policies.js';
import { credentialOf } from './credentials.js';
import { demandRole } from './demand-role.js';
import { KeyRing } from './key-ring.js';

const HOW = 'Send an API key as `X-Api-Key: <key>` or `Authorization: Bearer <key>`.';

/** Refuses a request whose key does not have the role that its path requires, also where the path has no route. */
@Injectable()
export class Authentication implements RequestAuthentication {
  constructor(
    private readonly policies: RoutePolicies,
    private readonly keys: KeyRing,
  ) {}

  /** @throws ApiError 401, or 503 while no key can be known yet */
  identify(request: FastifyRequest): Role | undefined {
    const path = pathOf(request);
    // A path without a route that belongs to no API has nothing to protect: the answer is 404 also without a key.
    if (request.is404 && !this.policies.covers(path)) return undefined;
    const role = this.policies.requiredRole(path, request.method);
    if (role === 'public') return undefined;
    request.apiKey = this.keyOf(request);
    return role;
  }

  /** @throws ApiError 403 */
  authorize({ apiKey }: FastifyRequest, role: Role): void {
    // It was identified by the path that requires the role.
    demandRole(apiKey!, role);
  }

  private keyOf(request: FastifyRequest): ApiKeyEntry {
    const credential = credentialOf(request.headers);
    if (credential === undefined) throw unauthorized('api_key_missing', `No API key was sent. ${HOW}`);
    if (!this.keys.hasSnapshot) {
      throw new ApiError({
        status: 503,
        code: 'not_ready',
        detail: 'This gateway has just started and does not know the API keys yet.',
        suggestion: 'Try again in a second.',
        headers: { 'retry-after': '1' },
      });
    }
    const finding = this.keys.find(credential);
    if ('found' in finding) return finding.found;
    if (finding.refused === 'expired')
      throw unauthorized('api_key_expired', 'This API key has expired. Ask an admin for a new one.');
    throw unauthorized(
      'api_key_invalid',
      `This API key is not valid: it is mistyped, was revoked or never existed. ${HOW}`,
    );
  }
}

function unauthorized(code: 'api_key_missing' | 'api_key_invalid' | 'api_key_expired', detail: string): ApiError {
  return new ApiError({ status: 401, code, detail, suggestion: HOW, headers: { 'www-authenticate': 'Bearer' } });
}
