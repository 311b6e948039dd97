import { exchanges } from '@signalbox/contracts/messages';
import type { StreamDelta } from '@signalbox/contracts/streams';
import { eventually } from '@signalbox/testing';
import { connect, type ChannelModel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { ServiceInProcess } from '../support/service-in-process.js';
import { System, type ReaderStatus, type SystemInProcess } from '../support/system.js';

const READERS = 2_500;
const long = { heartbeat_wait_interval: 3_600, boot_id: 'boot' };

describe('many readers', () => {
  let system: SystemInProcess;
  let readers: BeatPublisher;
  let connection: ChannelModel;
  const deltas: StreamDelta[] = [];

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([system.startReaderHeartbeat(), system.startGateway()]);
    connection = await connect(system.broker.url);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchanges.state.name, 'readers.0');
    await channel.consume(
      queue,
      (message) => {
        if (message?.properties.type === 'state.delta') deltas.push(JSON.parse(message.content.toString()));
      },
      { noAck: true },
    );
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(Array.from({ length: READERS }, (_, index) => beat(`many/${index}`, { ...long, seq: 1 })));
    await eventually(async () => (await countAt(system.baseUrl)) === READERS);
  });
  afterAll(async () => {
    await readers?.close();
    await connection?.close();
    await system?.close();
  });

  const statusAt = async (url: string): Promise<NonNullable<ReaderStatus['status']>> => {
    const answer = await fetch(`${url}/status`, { headers: { 'x-api-key': system.adminKey } });
    return ((await answer.json()) as ReaderStatus).status!;
  };
  const countAt = async (url: string): Promise<number> =>
    ((await (await fetch(`${url}/healthz`)).json()) as { readers: { live: number } | null }).readers?.live ?? 0;

  it('that begin in one message are several deltas, none of them large, in the order of their numbers', async () => {
    const count = () => deltas.reduce((sum, { changes }) => sum + changes.length, 0);
    await eventually(() => count() === READERS);
    expect(deltas.map(({ changes }) => changes.length)).toEqual([1_000, 1_000, 500]);
    expect(deltas.map(({ seq }) => seq - deltas[0]!.seq)).toEqual([0, 1, 2]);
  });

  it('come to a gateway that starts in pages, with the times of their last heartbeats', async () => {
    const [before] = Object.values((await statusAt(system.baseUrl)).last_heartbeat);
    // What a snapshot has is the time of the last change.
    await eventually(() => Date.now() / 1_000 >= before!.heartbeat_timestamp + 2);
    await readers.send(Array.from({ length: READERS }, (_, index) => beat(`many/${index}`, { ...long, seq: 2 })));
    const other = new ServiceInProcess('gateway', system.gatewayEnvironment());
    try {
      const url = `http://127.0.0.1:${(await other.ready).port}`;
      await eventually(async () => (await countAt(url)) === READERS);
      const isLater = async () =>
        Object.values((await statusAt(url)).last_heartbeat).every(
          ({ heartbeat_timestamp: at }) => at > before!.heartbeat_timestamp,
        );
      await eventually(isLater);
      expect(Object.keys((await statusAt(url)).live_readers)).toHaveLength(READERS);
    } finally {
      await other.stop();
    }
  });
});
