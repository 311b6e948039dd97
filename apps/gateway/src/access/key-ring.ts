import { Inject, Injectable } from '@nestjs/common';
import { gatewayStream, type ApiKeyEntry } from '@signalbox/contracts/streams';
import { CLOCK, type Clock } from '@signalbox/platform';
import { FollowedStreams, type CollectionIndex, type FollowedStream } from '@signalbox/state-streams';
import { hashApiKey, isWellFormed } from './api-key.js';

export type KeyFinding = { found: ApiKeyEntry } | { refused: 'malformed' | 'unknown' | 'expired' };

/** The valid keys, in memory: a caller is identified without a query. */
@Injectable()
export class KeyRing {
  private readonly stream: FollowedStream<typeof gatewayStream>;
  private readonly keysBySha256: CollectionIndex<ApiKeyEntry>;
  /** Revoked through this process: refused here at once, also while the stream does not arrive. */
  private readonly revokedHere = new Set<string>();

  constructor(
    streams: FollowedStreams,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.stream = streams.follow(gatewayStream);
    this.keysBySha256 = this.stream.collections.key.indexBy(({ sha256 }) => sha256);
  }

  /** False until the first snapshot: until then no key is known here. */
  get hasSnapshot(): boolean {
    return this.stream.hasSnapshot;
  }

  find(key: string): KeyFinding {
    if (!isWellFormed(key)) return { refused: 'malformed' };
    return this.valid(this.keysBySha256.first(hashApiKey(key)));
  }

  findById(id: string): KeyFinding {
    return this.valid(this.stream.collections.key.get(id));
  }

  /** Whether a key that was found is still what it was. */
  isValid(entry: ApiKeyEntry): boolean {
    const { id, expires_at } = entry;
    if (this.stream.collections.key.get(id) !== entry || this.revokedHere.has(id)) return false;
    return expires_at === null || expires_at > this.clock.now();
  }

  /** Undefined until the first snapshot. */
  countValid(): number | undefined {
    if (!this.hasSnapshot) return undefined;
    return [...this.stream.collections.key.values()].filter((entry) => this.isValid(entry)).length;
  }

  revoke(id: string): void {
    this.revokedHere.add(id);
  }

  private valid(entry: ApiKeyEntry | undefined): KeyFinding {
    if (entry === undefined || this.revokedHere.has(entry.id)) return { refused: 'unknown' };
    if (entry.expires_at !== null && entry.expires_at <= this.clock.now()) return { refused: 'expired' };
    return { found: entry };
  }
}
