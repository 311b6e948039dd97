import { messageTypes } from '../message-types.js';
import { exchanges } from '../messages/exchanges.js';
import { dataplaneStream, streamReport } from '../streams/dataplane-stream.js';
import { datasourcesStream } from '../streams/datasources-stream.js';
import { gatewayStream } from '../streams/gateway-stream.js';
import { readersStream } from '../streams/readers-stream.js';
import { registryStream } from '../streams/registry-stream.js';
import { streamBeacon, streamBeats, streamDelta } from '../streams/state-stream.js';
import type { StreamDefinition } from '../streams/stream-definition.js';
import { report } from './examples.js';
import { message, type ChannelContract, type MessageContract } from './message-contract.js';

const epoch = 1_795_218_553_000;

const delta = message({
  type: messageTypes.delta,
  summary: 'What changed in one step; `value: null` removes the key. `seq` grows by exactly one.',
  schema: streamDelta,
  example: { stream: 'registry', epoch, seq: 43, changes: [{ key: 'project/shop', value: null }] },
});
const beacon = message({
  type: messageTypes.beacon,
  summary: 'Every two seconds: the last `seq` that was sent, and a digest of the content at that point.',
  schema: streamBeacon,
  example: { stream: 'registry', epoch, seq: 43, digest: '9f3c01ab77e2d045' },
});
const beats = message({
  type: messageTypes.beats,
  summary: 'When the last heartbeats of readers were received.',
  schema: streamBeats,
  example: { stream: 'readers.0', epoch, beats: [['llama-70b-0', 1_795_218_553_020]] },
});
const lastReport = message({
  type: messageTypes.report,
  id: 'state.dataplane-report',
  summary: 'The last report of a dataplane, outside the numbered deltas.',
  schema: streamReport,
  example: { stream: 'dataplane', report, age_ms: 12 },
});

/** A stream and the service that owns it. */
interface OwnedStream {
  readonly stream: StreamDefinition;
  readonly key?: string;
  readonly owner: string;
  /** Who follows it besides the gateway. */
  readonly followers?: readonly string[];
  readonly beside?: readonly MessageContract[];
}

const streams: readonly OwnedStream[] = [
  { stream: readersStream(0), key: 'readers.{partition}', owner: 'reader-heartbeat', beside: [beats] },
  { stream: registryStream, owner: 'registry' },
  { stream: dataplaneStream, owner: 'dataplane-control', beside: [lastReport] },
  { stream: datasourcesStream, owner: 'datasource-sync' },
  { stream: gatewayStream, owner: 'gateway', followers: ['reader-heartbeat'] },
];

/** How owners publish their state. Every process that follows streams receives it. */
export const stateChannels: readonly ChannelContract[] = streams.map(
  ({ stream, key = stream.name, owner, followers = [], beside = [] }): ChannelContract => ({
    id: `state-${stream.name.split('.', 1)[0]!}`,
    exchange: exchanges.state,
    key,
    summary: `The state stream of ${owner}. ${keysOf(stream)}`,
    messages: [delta, beacon, ...beside],
    senders: [owner],
    receivers: ['gateway', ...followers],
  }),
);

function keysOf({ entries }: StreamDefinition): string {
  const prefixes = Object.values(entries).map(({ prefix }) => `\`${prefix}\``);
  return prefixes.length === 0 ? 'It has no entries yet.' : `Its keys begin with ${prefixes.join(', ')}.`;
}
