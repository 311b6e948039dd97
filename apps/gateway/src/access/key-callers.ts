import { Injectable } from '@nestjs/common';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import { ApiError } from '../http/errors/api-error.js';
import type { Caller, CallerSource } from '../http/caller.js';
import { KeyRing } from './key-ring.js';
import { HOW_TO_SEND_A_KEY, unauthorized } from './unauthorized.js';

/** Identifies callers by API keys, from memory. */
@Injectable()
export class KeyCallers implements CallerSource {
  readonly kind = 'key';
  /** The stream replaces the entry of a key that changes. */
  private readonly callers = new WeakMap<ApiKeyEntry, Caller>();

  constructor(private readonly keys: KeyRing) {}

  /** @throws ApiError 401, or 503 while no key can be known yet */
  callerOf(key: string): Caller {
    if (!this.keys.hasSnapshot) throw notReady();
    const finding = this.keys.find(key);
    if ('found' in finding) return this.of(finding.found);
    if (finding.refused === 'expired')
      throw unauthorized('api_key_expired', 'This API key has expired. Ask an admin for a new one.');
    throw unauthorized(
      'api_key_invalid',
      `This API key is not valid: it is mistyped, was revoked or never existed. ${HOW_TO_SEND_A_KEY}`,
    );
  }

  private of(entry: ApiKeyEntry): Caller {
    const known = this.callers.get(entry);
    if (known !== undefined) return known;
    const { id, name, role, mode, account } = entry;
    const caller: Caller = { via: 'key', id, name, role, mode, account, scopes: [] };
    this.callers.set(entry, caller);
    return caller;
  }
}

function notReady(): ApiError {
  return new ApiError({
    status: 503,
    code: 'not_ready',
    detail: 'This gateway has just started and does not know the API keys yet.',
    suggestion: 'Try again in a second.',
    headers: { 'retry-after': '1' },
  });
}
