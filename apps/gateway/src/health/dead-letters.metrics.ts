import { Inject, Injectable } from '@nestjs/common';
import { deadLetterQueues } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';

export const waitingDeadLetters = {
  name: 'signalbox_dead_letters_waiting',
  help: 'Dead letters that wait to be replayed or discarded (`npm run dead-letters`), of all services, by their queue: refused heartbeats have one of their own.',
  labels: ['queue'],
} as const satisfies MetricDefinition;

@Injectable()
export class DeadLetterMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, amqp: Amqp) {
    metrics.gauge(waitingDeadLetters, async () => {
      const counts = await Promise.all(deadLetterQueues.map(({ name }) => amqp.messageCount(name)));
      return deadLetterQueues.flatMap(({ name: queue }, at) => {
        const value = counts[at];
        return value === undefined ? [] : [{ labels: { queue }, value }];
      });
    });
  }
}
