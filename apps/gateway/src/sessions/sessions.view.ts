import { Inject, Injectable } from '@nestjs/common';
import { gatewayStream, type SessionEntry } from '@signalbox/contracts/streams';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import { FollowedStreams, type CollectionIndex, type FollowedStream } from '@signalbox/state-streams';
import type { Config } from '../config.js';
import { hashSecret } from './session-secret.js';

/** A use that moves the idle end by less than this part of the idle time is not stored: a busy session is written ten times in it. */
const WORTH_STORING = 0.1;

/** The sessions, in memory: a caller is identified without a query. */
@Injectable()
export class SessionsView {
  private readonly stream: FollowedStream<typeof gatewayStream>;
  private readonly bySha256: CollectionIndex<SessionEntry>;
  private readonly idleMs: number;
  /** Ended through this process: refused here at once, also while the stream does not arrive. */
  private readonly endedHere = new Set<string>();
  /** The idle ends of the sessions that are used here, where the stream has earlier ones. */
  private readonly usedHere = new Map<string, number>();
  private unstored = new Set<string>();

  constructor(
    streams: FollowedStreams,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) config: Config,
  ) {
    this.stream = streams.follow(gatewayStream);
    const { session } = this.stream.collections;
    this.bySha256 = session.indexBy(({ sha256 }) => sha256);
    this.idleMs = config.SIGNALBOX_SESSION_IDLE_SECONDS * 1_000;
    session.onRemoved(({ id }) => this.forget(id));
  }

  /** False until the first snapshot: until then no session is known here. */
  get hasSnapshot(): boolean {
    return this.stream.hasSnapshot;
  }

  /** The session with this secret, unless it is over. */
  find(secret: string): SessionEntry | undefined {
    const entry = this.bySha256.first(hashSecret(secret));
    if (entry === undefined || this.endedHere.has(entry.id)) return undefined;
    const now = this.clock.now();
    return now >= entry.expires_at || now >= this.idleEndOf(entry) ? undefined : entry;
  }

  /** The same; it counts as used. */
  use(secret: string): SessionEntry | undefined {
    const entry = this.find(secret);
    if (entry === undefined) return undefined;
    const now = this.clock.now();
    const idleEnd = this.idleEndOf(entry);
    const renewed = Math.min(now + this.idleMs, entry.expires_at);
    if (renewed - idleEnd >= this.idleMs * WORTH_STORING) {
      this.usedHere.set(entry.id, renewed);
      this.unstored.add(entry.id);
    }
    return entry;
  }

  has(id: string): boolean {
    return this.stream.collections.session.get(id) !== undefined;
  }

  /** Unix ms. */
  idleEndOf({ id, idle_expires_at }: SessionEntry): number {
    return Math.max(idle_expires_at, this.usedHere.get(id) ?? 0);
  }

  /** @param id of a session that the stream has, or will remove */
  end(id: string): void {
    this.endedHere.add(id);
  }

  /** The idle ends that are to be stored, each once. */
  takeUnstored(): { id: string; idleExpiresAt: Date }[] {
    const ids = this.unstored;
    this.unstored = new Set();
    return [...ids].map((id) => ({ id, idleExpiresAt: new Date(this.usedHere.get(id)!) }));
  }

  /** They were not stored: the next call of `takeUnstored` returns them again. */
  putBack(ids: Iterable<string>): void {
    for (const id of ids) if (this.usedHere.has(id)) this.unstored.add(id);
  }

  private forget(id: string): void {
    this.endedHere.delete(id);
    this.usedHere.delete(id);
    this.unstored.delete(id);
  }
}
