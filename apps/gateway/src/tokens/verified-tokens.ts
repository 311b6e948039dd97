import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../http/caller.js';
import type { VerifiedToken } from './token-verifier.js';

const MOST_REMEMBERED = 10_000;

export interface RememberedToken {
  readonly token: VerifiedToken;
  /** The caller that was made for the key's caller. The key's entry may be replaced. */
  made?: { readonly keyCaller: Caller; readonly caller: Caller };
}

/**
 * The tokens whose signature was checked, by their SHA-256. Only what cannot change is remembered: whether a token has expired or
 * was revoked is asked at each request.
 */
@Injectable()
export class VerifiedTokens {
  private readonly byHash = new Map<string, RememberedToken>();

  find(token: string): RememberedToken | undefined {
    return this.byHash.get(hashOf(token));
  }

  /** Forgets the oldest where there are too many. */
  remember(token: string, verified: VerifiedToken): RememberedToken {
    const remembered: RememberedToken = { token: verified };
    this.byHash.set(hashOf(token), remembered);
    if (this.byHash.size > MOST_REMEMBERED) this.byHash.delete(this.byHash.keys().next().value!);
    return remembered;
  }
}

const hashOf = (token: string): string => hash('sha256', token, 'base64');
