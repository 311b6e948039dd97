import { Injectable } from '@nestjs/common';
import { gatewayStream, type NoticeEntry } from '@signalbox/contracts/streams';
import { FollowedStreams, Replicas, type FollowedStream } from '@signalbox/state-streams';
import { activeAt } from '@signalbox/status-facts';

/** The notices, in memory. */
@Injectable()
export class NoticesView {
  private readonly stream: FollowedStream<typeof gatewayStream>;
  /** Changed through this process, until the stream has the change: shown here at once, also while the broker is down. */
  private readonly changedHere = new Map<string, { readonly entry: NoticeEntry; readonly seq: number }>();
  private changes = 0;

  constructor(
    streams: FollowedStreams,
    private readonly replicas: Replicas,
  ) {
    this.stream = streams.follow(gatewayStream);
  }

  /** Grows with each change of a notice. */
  get revision(): number {
    return this.stream.collections.notice.revision + this.changes;
  }

  /** @param seq where the change stands in the gateways' stream */
  changed(entry: NoticeEntry, seq: number): void {
    this.changedHere.set(entry.id, { entry, seq });
    this.changes += 1;
  }

  /** Those whose time has begun and is not over, the one that ends last first. @param now Unix ms */
  active(now: number): NoticeEntry[] {
    return activeAt(now, this.all());
  }

  /** When the next one begins or ends after `now`, Unix ms; infinite: none does. */
  nextChange(now: number): number {
    const times = [...this.all()].flatMap(({ starts_at, ends_at }) => [starts_at, ends_at]);
    return Math.min(Infinity, ...times.filter((time) => time > now));
  }

  private all(): Iterable<NoticeEntry> {
    if (this.changedHere.size === 0) return this.stream.collections.notice.values();
    const { seq: reached } = this.replicas.of(gatewayStream.name).position;
    for (const [id, { seq }] of this.changedHere) if (seq <= reached) this.changedHere.delete(id);
    const byId = new Map([...this.stream.collections.notice.values()].map((entry) => [entry.id, entry]));
    for (const { entry } of this.changedHere.values()) byId.set(entry.id, entry);
    return byId.values();
  }
}
