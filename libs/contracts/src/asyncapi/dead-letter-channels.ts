import { z } from 'zod';
import { exchanges } from '../messages/exchanges.js';
import { message, type ChannelContract } from './message-contract.js';

const services = ['registry', 'dataplane-control', 'datasource-sync', 'journal', 'gateway'];

const common = {
  key: '{queue}',
  receivers: [],
  headers: {
    'x-reason': 'Why, as a word: docs/operations.md lists them.',
    'x-detail': 'Why, for people; never a value of the body.',
    'x-source-queue': 'The queue that it came from.',
    'x-source-exchange': 'The exchange that it was published to.',
    'x-source-routing-key': 'Its routing key there.',
    'x-sender': 'Who sent it: the reader of a refused heartbeat, else the user or the application of the message.',
    'x-tries': { type: 'integer', description: 'How often it was tried.' },
    'x-parked-at': 'When it was dead-lettered, ISO 8601.',
  },
  persistent: true,
  mandatory: true,
} satisfies Partial<ChannelContract>;

const whatItWas = {
  type: undefined,
  summary: 'The body and the `type` are those of the message that could not be handled.',
  schema: z.unknown(),
};

/** Messages that could not be handled. People read them: `npm run dead-letters`. */
export const deadLetterChannels: readonly ChannelContract[] = [
  {
    ...common,
    id: 'dead-letters',
    exchange: exchanges.deadLetters,
    summary: 'Messages that could not be handled, each with the reason in its headers.',
    messages: [
      message({ ...whatItWas, id: 'dead-letter', example: { dataplane: 'main', boot_id: 'b-1', kind: 'restart' } }),
    ],
    senders: services,
  },
  {
    ...common,
    id: 'agent-dead-letters',
    exchange: exchanges.deadLetters,
    summary: 'Messages from queues that agents consume or publish to, likewise.',
    messages: [
      message({ ...whatItWas, id: 'agent-dead-letter', example: { dataplane: 'main', boot_id: 'b-1', kind: 'restart' } }),
    ],
    senders: ['dataplane-agent', 'dataplane-control'],
  },
  {
    ...common,
    id: 'refused-heartbeats',
    exchange: exchanges.refusedHeartbeats,
    summary: 'Heartbeats that were refused, each with the reason in its headers.',
    messages: [
      message({ ...whatItWas, id: 'refused-heartbeat', example: { reader_id: 'llama-70b-0', pids: ['one'] } }),
    ],
    senders: ['reader-heartbeat'],
  },
];
