import type { JsonValue, StreamBeats, StreamChange, StreamReport } from '@signalbox/contracts/streams';

/** What the gateway makes of one stream's content, kept up to date by its replica. */
export interface ReplicaView {
  readonly stream: string;
  /** False for a stream without which this process can answer all the same; true unless given. */
  readonly requiredForReadiness?: boolean;
  /** The whole content is new. */
  reset(entries: Iterable<readonly [key: string, value: JsonValue]>): void;
  /** These keys were set, or removed where the value is null; in this order. */
  changed(changes: readonly StreamChange[]): void;
  /** Readers were heard; only for streams of readers. */
  beats?(beats: StreamBeats): void;
  /** A dataplane was heard; only for the stream of dataplanes. */
  report?(report: StreamReport): void;
}
