import type { MetricDefinition, Metrics } from '@signalbox/platform';
import type { ResyncReason } from '../core/replica/replica-effect.js';
import type { StreamReplica } from './stream-replica.js';

export const streamAge = {
  name: 'signalbox_stream_age_seconds',
  help: 'Since the last message of the owner of a followed stream; one comes every 2 s. `+Inf`: none was received yet.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

export const streamInStep = {
  name: 'signalbox_stream_in_step',
  help: '1 while nothing of a followed stream is known to be missing here, else 0.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

export const streamResyncs = {
  name: 'signalbox_stream_resyncs_total',
  help: 'Snapshots of a followed stream that were needed, by reason. `bound` is the one of each start and of each new connection.',
  labels: ['stream', 'reason'],
} as const satisfies MetricDefinition;

/** Registers what is read of the replicas at each scrape. @returns what counts a resync */
export function registerReplicaMetrics(
  metrics: Metrics,
  replicas: () => Iterable<StreamReplica>,
): (stream: string, reason: ResyncReason) => void {
  const each = (valueOf: (replica: StreamReplica) => number) => () =>
    Array.from(replicas(), (replica) => ({ labels: { stream: replica.stream }, value: valueOf(replica) }));
  metrics.gauge(
    streamAge,
    each(({ silentMs = Infinity }) => silentMs / 1_000),
  );
  metrics.gauge(
    streamInStep,
    each(({ isInStep }) => Number(isInStep)),
  );
  const resyncs = metrics.counter(streamResyncs);
  return (stream, reason) => resyncs.of({ stream, reason }).inc();
}
