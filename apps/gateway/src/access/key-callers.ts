import { Inject, Injectable } from '@nestjs/common';
import { isBrokerKeyKind } from '@signalbox/contracts/http';
import type { ApiKeyEntry } from '@signalbox/contracts/streams';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../http/errors/api-error.js';
import type { Caller, CallerSource } from '../http/caller.js';
import { Guesses } from './guesses.js';
import { KeyRing } from './key-ring.js';
import { scopesOf } from './key-scopes.js';
import { KeyUse } from './key-use.js';
import { notReady } from './not-ready.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { storedState } from './stored-key.rules.js';
import { networksOf, type Networks } from '../http/networks.rules.js';
import { HOW_TO_SEND_A_KEY, unauthorized } from './unauthorized.js';

interface KnownCaller {
  readonly caller: Caller;
  /** Undefined: any. */
  readonly networks: Networks | undefined;
}

/** Identifies callers by API keys, from memory. */
@Injectable()
export class KeyCallers implements CallerSource {
  readonly kind = 'key';
  /** The stream replaces the entry of a key that changes. */
  private readonly known = new WeakMap<ApiKeyEntry, KnownCaller>();
  private readonly entries = new WeakMap<Caller, ApiKeyEntry>();

  constructor(
    private readonly keys: KeyRing,
    private readonly use: KeyUse,
    private readonly guesses: Guesses,
    private readonly stored: ApiKeyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  knows(key: string): boolean {
    return !this.keys.hasSnapshot || 'found' in this.keys.find(key);
  }

  find(key: string): Caller | undefined {
    const finding = this.keys.find(key);
    return 'found' in finding ? this.of(finding.found).caller : undefined;
  }

  /** @throws ApiError 401, 429 for too many unknown keys, 403 from a network that the key is not for, or 503 while no key can be known yet */
  callerOf(key: string, { ip }: FastifyRequest): Caller {
    if (!this.keys.hasSnapshot) throw notReady();
    const finding = this.keys.find(key);
    if ('refused' in finding) {
      if (finding.refused !== 'expired') this.guesses.count(ip);
      throw finding.refused === 'expired' ? EXPIRED : INVALID;
    }
    return this.admit(finding.found, ip);
  }

  /** The caller of a valid key, or of a token of it, at this address. @throws ApiError 403 */
  admit(entry: ApiKeyEntry, ip: string): Caller {
    const { caller, networks } = this.of(entry);
    if (isBrokerKeyKind(entry.kind)) throw BROKER_KEY;
    if (networks?.includes(ip) === false) throw networkNotAllowed(ip);
    this.use.note(caller.id);
    return caller;
  }

  /** The address of a connection does not change, and networks change with the entry. */
  recognises(caller: Caller): boolean {
    const entry = this.entries.get(caller);
    if (entry === undefined || !this.keys.isValid(entry)) return false;
    this.use.note(caller.id);
    return true;
  }

  async confirm(caller: Caller): Promise<void> {
    const entry = this.entries.get(caller);
    if (entry === undefined) throw INVALID;
    const state = storedState(entry, await this.stored.find(entry.id), this.clock.now());
    if (state === 'valid') return;
    // The stream has not said so yet: from now on reads are refused, too.
    if (state === 'revoked') this.keys.revoke(entry.id);
    throw state === 'expired' ? EXPIRED : INVALID;
  }

  private of(entry: ApiKeyEntry): KnownCaller {
    const known = this.known.get(entry);
    if (known !== undefined) return known;
    const { id, name, role, mode, account } = entry;
    const networks = entry.networks.length === 0 ? undefined : networksOf(entry.networks);
    const made: KnownCaller = {
      caller: { via: 'key', id, name, role, mode, account, scopes: scopesOf(entry) },
      networks,
    };
    this.known.set(entry, made);
    this.entries.set(made.caller, entry);
    return made;
  }
}

/** Made once: a process must not be kept busy with errors by wrong keys. */
const INVALID = unauthorized(
  'api_key_invalid',
  `This API key is not valid: it is mistyped, was revoked or never existed. ${HOW_TO_SEND_A_KEY}`,
);
const EXPIRED = unauthorized('api_key_expired', 'This API key has expired. Ask an admin for a new one.');

const BROKER_KEY = new ApiError({
  status: 403,
  code: 'key_not_for_api',
  detail: 'This key is for logins at the broker, and not for this API.',
  suggestion: 'Ask an admin for a key of kind `secret` or `publishable`.',
});

const networkNotAllowed = (address: string): ApiError =>
  new ApiError({
    status: 403,
    code: 'network_not_allowed',
    detail: `This key may not be used from ${address}.`,
    suggestion: 'Send the request from one of the networks of the key, or ask an admin for another key.',
  });
