import { messageTypes } from '@signalbox/contracts/messages';
import type { StreamBeacon, StreamDelta } from '@signalbox/contracts/streams';
import { PublishError, type Amqp, type OutgoingMessage } from '@signalbox/messaging';
import { createLogger, Health } from '@signalbox/platform';
import { FakeClock } from '@signalbox/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReplicaEffect } from '../core/replica/replica-effect.js';
import type { ReplicaInput } from '../core/replica/replica-input.js';
import { createReplica, type ReplicaState } from '../core/replica/replica-state.js';
import { step } from '../core/replica/replica-step.js';
import { RelayedStream } from './relayed-stream.js';
import { StreamAnnouncer } from './stream-announcer.js';

const STREAM = 'test';
const BEACON_MS = 2_000;

/** A message on the owner's channel, which a test delivers to the replica and confirms, each when it wants to. */
interface Published {
  readonly message: OutgoingMessage;
  readonly confirm: () => void;
  readonly fail: (error: Error) => void;
}

describe('the owner of a stream behind a relay', () => {
  let clock: FakeClock;
  let channel: Published[];
  let stream: RelayedStream;
  let replica: ReplicaState;
  let effects: ReplicaEffect[];

  beforeEach(() => {
    clock = new FakeClock();
    channel = [];
    const publish = (message: OutgoingMessage) =>
      new Promise<void>((confirm, fail) => channel.push({ message, confirm, fail }));
    const respond = () => ({ close: async () => undefined });
    const amqp = { publisher: { publish }, respond } as unknown as Amqp;
    const logger = createLogger({ name: 'test', level: 'silent' });
    const announcer = new StreamAnnouncer({ stream: STREAM, amqp, clock, logger, health: new Health() });
    stream = new RelayedStream({ stream: STREAM, announcer, logger });
    replica = createReplica();
    effects = [];
  });

  const give = (input: ReplicaInput) => {
    const result = step(replica, input);
    replica = result.state;
    effects.push(...result.effects);
  };
  /** Delivers to the replica what was published since, as the broker does, whenever it confirms. */
  const deliver = (): Published[] => {
    const delivered = channel.splice(0);
    for (const { message } of delivered) {
      if (message.type === messageTypes.delta)
        give({ type: 'delta', delta: message.body as StreamDelta, at: clock.monotonic(), maxEpoch: Infinity });
      else give({ type: 'beacon', beacon: message.body as StreamBeacon, at: clock.monotonic(), maxEpoch: Infinity });
    }
    return delivered;
  };
  const beacons = () => channel.filter(({ message }) => message.type === messageTypes.beacon);
  const resyncs = () => effects.filter(({ type }) => type === 'resync');
  const delta = (seq: number) => ({ epoch: 1, seq, changes: [{ key: 'a', value: seq }] });

  /** Owner and replica at the same point, with an empty channel. */
  const start = () => {
    stream.own({ epoch: 1, seq: 10, entries: [['a', 10]] });
    give({ type: 'bound', at: 0, maxEpoch: Infinity });
    const entries = [{ key: 'a', value: 10, version: 10 }];
    give({
      type: 'page',
      page: { stream: STREAM, snapshot_id: '1.10', epoch: 1, seq: 10, page: 0, pages: 1, entries },
      at: 0,
      maxEpoch: Infinity,
    });
    deliver();
    effects = [];
  };

  it('causes no snapshot when a delta is delivered long before it is confirmed', async () => {
    start();
    const published = stream.publish(delta(11));
    const [sent] = deliver();
    for (let round = 0; round < 4; round += 1) {
      clock.advance(BEACON_MS);
      expect(beacons()).toHaveLength(1);
      deliver();
    }
    expect(resyncs()).toEqual([]);
    expect(replica).toMatchObject({ phase: 'live', seq: 11 });
    sent!.confirm();
    await published;
  });

  it('causes a snapshot when a delta was confirmed and not delivered', async () => {
    start();
    const published = stream.publish(delta(11));
    channel.splice(0)[0]!.confirm();
    await published;
    clock.advance(BEACON_MS);
    deliver();
    expect(resyncs()).toEqual([{ type: 'resync', reason: 'beacon-ahead' }]);
  });

  it('sends no beacon between a delta that failed and its next try, and causes no snapshot by the try', async () => {
    start();
    const failed = stream.publish(delta(11));
    channel.splice(0)[0]!.fail(new PublishError('disconnected', 'no connection to the broker', true));
    await expect(failed).rejects.toThrow('no connection');
    clock.advance(2 * BEACON_MS);
    expect(channel).toEqual([]);
    const retried = stream.publish(delta(11));
    clock.advance(BEACON_MS);
    deliver()[0]!.confirm();
    await retried;
    clock.advance(BEACON_MS);
    deliver();
    expect(resyncs()).toEqual([]);
    expect(replica).toMatchObject({ phase: 'live', seq: 11 });
  });
});
