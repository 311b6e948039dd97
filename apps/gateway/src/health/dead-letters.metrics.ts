import { Inject, Injectable } from '@nestjs/common';
import { deadLettersQueue } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { METRICS, type MetricDefinition, type Metrics } from '@signalbox/platform';

export const waitingDeadLetters = {
  name: 'signalbox_dead_letters_waiting',
  help: 'Dead letters that wait to be replayed or discarded (`npm run dead-letters`), of all services.',
} as const satisfies MetricDefinition;

@Injectable()
export class DeadLetterMetrics {
  constructor(@Inject(METRICS) metrics: Metrics, amqp: Amqp) {
    metrics.gauge(waitingDeadLetters, () => amqp.messageCount(deadLettersQueue.name));
  }
}
