import { Injectable } from '@nestjs/common';
import type { JwkSet } from '@signalbox/contracts/http';
import { gatewayStream, type SigningKeyEntry } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import { importJWK, type CryptoKey } from 'jose';
import { TOKEN_ALGORITHM } from './token-algorithm.js';

/** The public keys that tokens are verified with, and the tokens that were revoked, in memory. */
@Injectable()
export class TokensView {
  private readonly stream: FollowedStream<typeof gatewayStream>;
  private readonly imported = new Map<string, Promise<CryptoKey>>();
  /** Revoked through this process: refused here at once, also while the stream does not arrive. */
  private readonly revokedHere = new Set<string>();
  /** Those that this process signs with: their tokens are valid here also while the stream does not arrive. */
  private readonly ownKeys = new Map<string, SigningKeyEntry>();
  private shown: { readonly revision: number; readonly set: JwkSet } | undefined;

  constructor(streams: FollowedStreams) {
    this.stream = streams.follow(gatewayStream);
    this.stream.collections.signingKey.onRemoved(({ kid }) => {
      this.imported.delete(kid);
      this.ownKeys.delete(kid);
    });
  }

  get hasSnapshot(): boolean {
    return this.stream.hasSnapshot;
  }

  knowsSigningKey(kid: string): boolean {
    return this.entryOf(kid) !== undefined;
  }

  /** Undefined for an unknown key. */
  signingKey(kid: string): Promise<CryptoKey> | undefined {
    const known = this.imported.get(kid);
    if (known !== undefined) return known;
    const entry = this.entryOf(kid);
    if (entry === undefined) return undefined;
    const imported = importJWK(entry.jwk, TOKEN_ALGORITHM) as Promise<CryptoKey>;
    this.imported.set(kid, imported);
    return imported;
  }

  /** A key that this process has stored and signs with. */
  add(key: SigningKeyEntry): void {
    this.ownKeys.set(key.kid, key);
    this.shown = undefined;
  }

  isRevoked(id: string): boolean {
    return this.revokedHere.has(id) || this.stream.collections.revokedToken.get(id) !== undefined;
  }

  revoke(id: string): void {
    this.revokedHere.add(id);
  }

  /** What `/.well-known/jwks.json` shows. */
  get jwkSet(): JwkSet {
    const { signingKey } = this.stream.collections;
    const { revision } = signingKey;
    if (this.shown?.revision !== revision) {
      const notInStream = [...this.ownKeys.values()].filter(({ kid }) => signingKey.get(kid) === undefined);
      const keys = [...signingKey.values(), ...notInStream].map(({ kid, jwk }) => ({
        ...jwk,
        kid,
        alg: TOKEN_ALGORITHM,
        use: 'sig' as const,
      }));
      this.shown = { revision, set: { keys } };
    }
    return this.shown!.set;
  }

  private entryOf(kid: string): SigningKeyEntry | undefined {
    return this.stream.collections.signingKey.get(kid) ?? this.ownKeys.get(kid);
  }
}
