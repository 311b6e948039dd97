import type { JsonValue, StreamBeats, StreamChange } from '@signalbox/contracts';

/** What the gateway makes of one stream's content, kept up to date by its replica. */
export interface ReplicaView {
  readonly stream: string;
  /** The whole content is new. */
  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): void;
  /** These keys were set, or removed where the value is null; in this order. */
  changed(changes: readonly StreamChange[]): void;
  /** Readers were heard; only for streams of readers. */
  beats?(beats: StreamBeats): void;
}
