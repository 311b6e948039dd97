import { readerControlQueue } from '@signalbox/contracts/messages';
import { eventually, FaultyBroker, testPackages } from '@signalbox/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LANGUAGES, ReaderClient } from '../support/reader-clients/client.js';
import { ReceivedMessages } from '../support/reader-clients/received-messages.js';

let broker: FaultyBroker;
const clients: ReaderClient[] = [];

beforeAll(testPackages, 600_000);
beforeAll(async () => {
  broker = await FaultyBroker.start();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.kill()));
  await broker?.close();
});

it('readers in both languages return after a restart of the broker, and execute a command that waited there', async () => {
  let received = await ReceivedMessages.open(broker.directUrl);
  for (const id of LANGUAGES) {
    const client = new ReaderClient(id);
    clients.push(client);
    const reader = { reader_id: id, consumer_groups: [], model_name: 'm', model_type: 'chat', device: 'cpu' };
    const options = { url: broker.url, heartbeat_wait_interval: 1, ...reader };
    client.take('start', { options, on_stop: 'returns' });
    await eventually(async () => (await broker.queues()).includes(readerControlQueue(id)));
    await eventually(async () => (await received.channel.checkQueue(readerControlQueue(id))).consumerCount === 1);
  }
  const boots = LANGUAGES.map((id) => received.beats(id).at(-1)!.boot_id!);
  // Readers cannot reach the broker while the command is put into their queues.
  broker.proxy.cut();
  const past = await ReceivedMessages.open(broker.directUrl);
  for (const [index, id] of LANGUAGES.entries()) past.stop(id, boots[index]!);
  await eventually(async () =>
    (await Promise.all(LANGUAGES.map((id) => broker.messageCount(readerControlQueue(id))))).every(
      (count) => count === 1,
    ),
  );
  await Promise.all([received.close(), past.close()]);
  await broker.restart();
  received = await ReceivedMessages.open(broker.directUrl);
  broker.proxy.restore();
  for (const [index, id] of LANGUAGES.entries()) {
    await eventually(() => received.states(id).at(-1) === 'stopping');
    expect(received.beats(id).at(-1)!.boot_id).toBe(boots[index]);
    expect(clients[index]!.count('command')).toBe(1);
    await eventually(async () => (await broker.messageCount(readerControlQueue(id))) === 0);
  }
  await received.close();
});
