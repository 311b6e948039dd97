import { Inject, Injectable } from '@nestjs/common';
import { UNDECODABLE_REASONS } from '@signalbox/messaging';
import { METRICS, type Counter, type CounterSeries, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { REFUSAL_REASONS } from './decode-heartbeats.js';

export const receivedHeartbeats = {
  name: 'signalbox_heartbeats_received_total',
  help: 'Heartbeats that are valid and that their senders may publish, one by one also where a message has many.',
} as const satisfies MetricDefinition;

export const refusedHeartbeats = {
  name: 'signalbox_heartbeats_refused_total',
  help: 'Heartbeats that break a rule of docs/messages.md (`bad-heartbeat`), that their sender may not publish (`not-permitted`) or of new readers beyond a limit (`too-many-readers`), and messages that cannot be read, by reason.',
  labels: ['reason'],
} as const satisfies MetricDefinition;

export const refusedOfReader = {
  name: 'signalbox_heartbeats_refused_by_reader_total',
  help: 'Refused heartbeats, by reader: the first 20 readers since the start by their id, all others as `other`.',
  labels: ['reader_id'],
} as const satisfies MetricDefinition;

/** Readers that are named in metrics. A publisher of heartbeats can make up ids, and each label value is a series. */
const NAMED_READERS = 20;

const REASONS = [...REFUSAL_REASONS, 'too-many-readers', ...UNDECODABLE_REASONS] as const;

/** Counts once for each group of messages or each message, not for each heartbeat. */
@Injectable()
export class HeartbeatMetrics {
  readonly received: CounterSeries;
  private readonly refusals: Counter<(typeof refusedHeartbeats.labels)[number]>;
  private readonly refusedReaders: Counter<(typeof refusedOfReader.labels)[number]>;
  private readonly named = new Set<string>();

  constructor(@Inject(METRICS) metrics: Metrics) {
    this.received = metrics.counter(receivedHeartbeats).of({});
    this.refusals = metrics.counter(refusedHeartbeats);
    this.refusedReaders = metrics.counter(refusedOfReader);
    // There from the start, so that the first one shows as an increase.
    this.refusedReaders.of({ reader_id: 'other' });
    for (const reason of REASONS) this.refusals.of({ reason });
  }

  refused(reason: (typeof REASONS)[number], count: number): void {
    this.refusals.of({ reason }).inc(count);
  }

  /** A refused heartbeat of a reader. */
  refusedOf(readerId: string): void {
    if (this.named.size < NAMED_READERS) this.named.add(readerId);
    this.refusedReaders.of({ reader_id: this.named.has(readerId) ? readerId : 'other' }).inc();
  }
}
