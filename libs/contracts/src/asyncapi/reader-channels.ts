import { z } from 'zod';
import { messageTypes } from '../message-types.js';
import { exchanges } from '../messages/exchanges.js';
import { heartbeat, HEARTBEATS_PER_MESSAGE } from '../messages/heartbeat.js';
import { readerCommandTypes, readerStop } from '../messages/reader-commands.js';
import { bootId } from './examples.js';
import { message, type ChannelContract } from './message-contract.js';

/** What model readers publish, and what they get. */
export const readerChannels: readonly ChannelContract[] = [
  {
    id: 'heartbeats',
    exchange: exchanges.heartbeats,
    key: '{reader_id}',
    summary: 'Heartbeats of model readers.',
    messages: [
      message({
        type: messageTypes.heartbeat,
        summary: 'That a reader is there, and what it serves: one heartbeat, or an array of them.',
        schema: z.union([heartbeat, z.array(heartbeat).max(HEARTBEATS_PER_MESSAGE)]),
        example: {
          reader_id: 'llama-70b-0',
          boot_id: '6f1c8f0e-5f0b-4a57-9a40-3b3f6a1f9f55',
          seq: 42,
          state: 'ready',
          consumer_name: 'llama-70b-0',
          consumer_groups: ['primary'],
          model_name: 'llama-3-70b',
          model_type: 'chat',
          device: 'cuda',
          pids: [4121, 4122],
          heartbeat_wait_interval: 10,
          sent_at: 1_795_218_553_000,
        },
      }),
    ],
    senders: ['reader'],
    receivers: ['reader-heartbeat'],
  },
  {
    id: 'reader-commands',
    exchange: exchanges.readerCommands,
    key: '{reader_id}',
    summary:
      'Commands to readers that can be controlled: each declares its queue `reader.<reader_id>.control` and binds it.',
    messages: [
      message({
        type: readerCommandTypes.stop,
        summary: 'Stop gracefully, and deregister. Only the incarnation with this `boot_id` executes it.',
        schema: readerStop,
        example: { reader_id: 'llama-70b-0', boot_id: bootId, requested_at: 1_795_262_400_000 },
      }),
    ],
    senders: ['gateway'],
    receivers: ['reader'],
    persistent: true,
    mandatory: true,
  },
];
