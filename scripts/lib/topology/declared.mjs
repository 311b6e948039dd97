// @ts-check
import { stateChannels } from '@signalbox/contracts/asyncapi';
import { wholeTopology } from '@signalbox/contracts/messages';
import { formatTopology } from '@signalbox/messaging';

/** Queues that come and go with one process, or with who consumes, by the beginning of their names. */
export const passingQueues = [
  { pattern: /^[a-z-]+\.replica\.[\da-f-]{36}$/, name: '{service}.replica.{id}', what: 'copies of state streams' },
  { pattern: /^snapshot\.[\w.]+\.[\da-f-]{36}$/, name: 'snapshot.{stream}.{id}', what: 'requests for snapshots' },
  {
    pattern: /^reader-heartbeat\.partition\.\d+$/,
    name: 'reader-heartbeat.partition.{partition}',
    what: 'heartbeats, at the owner of the partition',
  },
  {
    pattern: /^reader-heartbeat\.requests\.\d+\.[\da-f-]{36}$/,
    name: 'reader-heartbeat.requests.{partition}.{id}',
    what: 'requests about readers',
  },
  { pattern: /^[a-z-]+\.replies\.[\da-f-]{36}$/, name: '{service}.replies.{id}', what: 'replies to requests' },
  { pattern: /^gateway\.check\.[\da-f-]{36}$/, name: 'gateway.check.{id}', what: "a gateway's check of the broker" },
  {
    pattern: /^reader\..+\.control$/,
    name: 'reader.{reader_id}.control',
    what: 'a reader that can be controlled, which declares it',
  },
  { pattern: /^changes\./, name: 'changes.{name}', what: 'a consumer of changes, which declares it' },
];

/** What the services declare, as text. `{dataplane}` stands for the name of each dataplane. */
export function declaredTopology() {
  const streams = stateChannels.map(({ key, senders }) => ({ key, owner: senders.join(', ') }));
  const width = Math.max(...streams.map(({ key }) => key.length));
  return [
    formatTopology(wholeTopology(['{dataplane}'])),
    `state streams (${streams.length}), each on signalbox.state with its name as key; snapshots are requested on signalbox.calls`,
    ...streams.map(({ key, owner }) => `  ${key.padEnd(width)}  owner: ${owner}`),
    '',
    `queues that come and go (${passingQueues.length})`,
    ...passingQueues.map(({ name, what }) => `  ${name.padEnd(42)}  ${what}`),
    '',
  ].join('\n');
}
