import { Inject, Injectable } from '@nestjs/common';
import {
  apiKeyEntry,
  apiKeyOfKey,
  streams,
  type ApiKeyEntry,
  type JsonValue,
  type StreamChange,
} from '@signalbox/contracts/streams';
import { CLOCK, type Clock } from '@signalbox/platform';
import type { ReplicaView } from '../replica/replica-view.js';
import { hashApiKey, isWellFormed } from './api-key.js';

export type KeyFinding = { found: ApiKeyEntry } | { refused: 'malformed' | 'unknown' | 'expired' };

/** The keys that are valid now, in memory: whoever comes is recognised without a query. */
@Injectable()
export class KeyRing implements ReplicaView {
  readonly stream = streams.gateway;
  private readonly bySha256 = new Map<string, ApiKeyEntry>();
  private readonly byId = new Map<string, ApiKeyEntry>();
  /** Revoked through this process: they stop here at once, also while the stream cannot say so. */
  private readonly revokedHere = new Set<string>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  find(key: string): KeyFinding {
    if (!isWellFormed(key)) return { refused: 'malformed' };
    const entry = this.bySha256.get(hashApiKey(key));
    if (entry === undefined || this.revokedHere.has(entry.id)) return { refused: 'unknown' };
    if (entry.expires_at !== null && entry.expires_at <= this.clock.now()) return { refused: 'expired' };
    return { found: entry };
  }

  revoke(id: string): void {
    this.revokedHere.add(id);
  }

  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): void {
    this.bySha256.clear();
    this.byId.clear();
    for (const [key, value] of entries) this.put(key, value);
  }

  changed(changes: readonly StreamChange[]): void {
    for (const { key, value } of changes) this.put(key, value);
  }

  private put(key: string, value: JsonValue | null): void {
    const id = apiKeyOfKey(key);
    if (id === undefined) return;
    const before = this.byId.get(id);
    if (before !== undefined) this.bySha256.delete(before.sha256);
    this.byId.delete(id);
    const parsed = apiKeyEntry.safeParse(value);
    if (!parsed.success) return;
    this.byId.set(id, parsed.data);
    this.bySha256.set(parsed.data.sha256, parsed.data);
  }
}
