import { Inject, Injectable } from '@nestjs/common';
import { METRICS, type Counter, type CounterSeries, type MetricDefinition, type Metrics } from '@signalbox/platform';
import { ASKED, type Asked } from './asked.js';

export const brokerKeyDecisions = {
  name: 'signalbox_broker_key_decisions_total',
  help: 'What RabbitMQ was answered about API keys, by what it asked for: `user` (a login), `vhost`, `resource` (an exchange or a queue), `topic` (a routing key). It keeps what is permitted for a second.',
  labels: ['path', 'result'],
} as const satisfies MetricDefinition;

export const closedConnections = {
  name: 'signalbox_broker_key_connections_closed_total',
  help: 'Connections at the broker that this gateway closed, because their key was revoked or had expired (`ended`), or had more than SIGNALBOX_BROKER_CONNECTIONS_PER_KEY (`surplus`).',
  labels: ['reason'],
} as const satisfies MetricDefinition;

type Results = Readonly<Record<'allow' | 'deny', CounterSeries>>;

/** Counts decisions about keys at the broker, and connections that were closed. All series are there from the start, so that the first increase shows. */
@Injectable()
export class BrokerKeyMetrics {
  private readonly decisions: Readonly<Record<Asked, Results>>;
  private readonly closings: Readonly<Record<'ended' | 'surplus', CounterSeries>>;

  constructor(@Inject(METRICS) metrics: Metrics) {
    const decisions = metrics.counter(brokerKeyDecisions);
    this.decisions = Object.fromEntries(ASKED.map((path) => [path, resultsOf(decisions, path)])) as Record<
      Asked,
      Results
    >;
    const closings = metrics.counter(closedConnections);
    this.closings = { ended: closings.of({ reason: 'ended' }), surplus: closings.of({ reason: 'surplus' }) };
  }

  decided(asked: Asked, result: 'allow' | 'deny'): void {
    this.decisions[asked][result].inc();
  }

  closed(reason: 'ended' | 'surplus', connections: number): void {
    this.closings[reason].inc(connections);
  }
}

const resultsOf = (decisions: Counter<'path' | 'result'>, path: Asked): Results => ({
  allow: decisions.of({ path, result: 'allow' }),
  deny: decisions.of({ path, result: 'deny' }),
});
