import type { MetricDefinition, Metrics } from '@signalbox/platform';
import type { StreamReplica, StreamReplicaOptions } from './stream-replica.js';

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

export const refusedEpochs = {
  name: 'signalbox_stream_epochs_refused_total',
  help: 'Messages of a followed stream that were ignored, because their epoch lies more than a day ahead of the clock of this process.',
  labels: ['stream'],
} as const satisfies MetricDefinition;

/** What replicas call when it happens. */
export type ReplicaCounters = Pick<StreamReplicaOptions, 'onResync' | 'onEpochRefused'>;

/** Registers what is read of the replicas at each scrape. @returns what counts the rest */
export function registerReplicaMetrics(metrics: Metrics, replicas: () => Iterable<StreamReplica>): ReplicaCounters {
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
  const epochs = metrics.counter(refusedEpochs);
  return {
    onResync: (stream, reason) => {
      resyncs.of({ stream, reason }).inc();
      // There from the first snapshot on, at 0.
      epochs.of({ stream });
    },
    onEpochRefused: (stream) => epochs.of({ stream }).inc(),
  };
}
