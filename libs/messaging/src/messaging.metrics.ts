import type { HistogramDefinition, HistogramSeries, MetricDefinition, Metrics } from '@signalbox/platform';
import { SEND_OUTCOMES, type MessagingRecorder, type SendOutcome, type SendRecorder } from './recorder.js';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const sentMessages = {
  name: 'messaging_client_sent_messages_total',
  help: 'Messages that were sent, by exchange, or could not be: `error_type` is `unroutable`, `timeout`, `nacked`, `blocked`, `disconnected` or `unsent`.',
  labels: ['messaging_destination_name', 'error_type'],
} as const satisfies MetricDefinition;

export const confirmDuration = {
  name: 'signalbox_publish_confirm_duration_seconds',
  help: 'From sending a message until the broker has confirmed it.',
  labels: ['messaging_destination_name'],
  buckets: BUCKETS,
} as const satisfies HistogramDefinition;

export const consumedMessages = {
  name: 'messaging_client_consumed_messages_total',
  help: 'Messages that were received, by queue; of a queue of one process alone, its name without the id.',
  labels: ['messaging_destination_name'],
} as const satisfies MetricDefinition;

export const processDuration = {
  name: 'messaging_process_duration_seconds',
  help: 'From receiving a message, or from starting a batch, until it was handled. `error_type` says what becomes of a message whose handler failed: `retry`, `wait`, `back` or `dead`; or how a request was not done: `refused`, `failed` (also for want of what the service needs) or `expired`, without a reply.',
  labels: ['messaging_destination_name', 'error_type'],
  buckets: BUCKETS,
} as const satisfies HistogramDefinition;

/** Without labels, because a series by reason begins with its first dead letter: no rate shows that one. */
export const deadLetters = {
  name: 'signalbox_dead_letters_total',
  help: 'Messages, and items of batches, that this process dead-lettered.',
} as const satisfies MetricDefinition;

export const deadLettersByReason = {
  name: 'signalbox_dead_letters_by_reason_total',
  help: 'The same by reason; there is a series from its first dead letter.',
  labels: ['reason'],
} as const satisfies MetricDefinition;

export const refusedSenders = {
  name: 'signalbox_messages_refused_senders_total',
  help: 'Messages that were not believed, because the user that sent them may not send them; `none`: without a user, `other`: of a user that is not known here. Each queue has the series `other` from the start, the others from their first message.',
  labels: ['queue', 'sender'],
} as const satisfies MetricDefinition;

/** Counts the messages of a process in its metrics. */
export function messagingRecorder(metrics: Metrics): MessagingRecorder {
  const sent = metrics.counter(sentMessages);
  const confirms = metrics.histogram(confirmDuration);
  const consumed = metrics.counter(consumedMessages);
  const processing = metrics.histogram(processDuration);
  const dead = metrics.counter(deadLetters).of({});
  const deadByReason = metrics.counter(deadLettersByReason);
  const refused = metrics.counter(refusedSenders);
  const byExchange = new Map<string, SendRecorder>();

  const sending = (exchange: string): SendRecorder => {
    const labels = { messaging_destination_name: exchange === '' ? '(default)' : exchange };
    const seriesOf = (outcome: SendOutcome) => sent.of({ ...labels, error_type: outcome === 'sent' ? '' : outcome });
    const success = seriesOf('sent');
    for (const outcome of SEND_OUTCOMES) seriesOf(outcome);
    // Requests have none: they are sent without confirms.
    let confirmTime: HistogramSeries | undefined;
    return {
      ended: (outcome, messages = 1) => (outcome === 'sent' ? success : seriesOf(outcome)).inc(messages),
      confirmed: (ms) => (confirmTime ??= confirms.of(labels)).observe(ms / 1_000),
    };
  };
  return {
    sending(exchange) {
      let known = byExchange.get(exchange);
      if (known === undefined) byExchange.set(exchange, (known = sending(exchange)));
      return known;
    },
    consuming(queue) {
      const labels = { messaging_destination_name: withoutId(queue) };
      const messages = consumed.of(labels);
      refused.of({ queue: withoutId(queue), sender: 'other' });
      const success = processing.of({ ...labels, error_type: '' });
      return {
        consumed: (count) => messages.inc(count),
        processed: (ms, failure) =>
          (failure === undefined ? success : processing.of({ ...labels, error_type: failure })).observe(ms / 1_000),
      };
    },
    deadLettered: (reason) => {
      dead.inc();
      deadByReason.of({ reason }).inc();
    },
    senderRefused: (queue, sender) => refused.of({ queue: withoutId(queue), sender }).inc(),
  };
}

/** Exclusive queues end in an id of their process. */
const withoutId = (queue: string): string => queue.replace(/\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/, '');
