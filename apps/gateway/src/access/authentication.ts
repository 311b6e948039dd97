import { Injectable } from '@nestjs/common';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../http/errors/api-error.js';
import { pathOf } from '../http/request-path.js';
import { Replicas } from '../replica/replicas.js';
import { policyOf, requiredRole } from '../http/access-policy.js';
import { credentialOf } from './credentials.js';
import { demandRole } from './demand-role.js';
import { KeyRing } from './key-ring.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that was recognised; null on public paths. */
    apiKey: ApiKeyEntry | null;
  }
}

const HOW = 'Send an API key as `X-Api-Key: <key>` or `Authorization: Bearer <key>`.';

/** Lets nobody past whose key does not reach far enough, whatever the route: also where there is none. */
@Injectable()
export class Authentication {
  constructor(
    private readonly keys: KeyRing,
    private readonly replicas: Replicas,
  ) {}

  /** @throws ApiError 401, 403, or 503 while no key can be known yet */
  check(request: FastifyRequest): void {
    const policy = policyOf(pathOf(request));
    const role = requiredRole(policy, request.method);
    // Where there is nothing, in no API's part, there is nothing to guard: whoever comes is told so.
    if (role === 'public' || (request.is404 && policy.prefix === '/')) return;
    const entry = this.identify(request);
    request.apiKey = entry;
    demandRole(entry, role);
  }

  private identify(request: FastifyRequest): ApiKeyEntry {
    const credential = credentialOf(request.headers);
    if (credential === undefined) throw unauthorized('api_key_missing', `No API key was sent. ${HOW}`);
    if (!this.replicas.gateway.hadSnapshot) {
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
