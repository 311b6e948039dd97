import { exchanges, readerControlQueue } from '@signalbox/contracts/messages';
import { eventually } from '@signalbox/testing';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { System, type SystemInProcess } from '../support/system.js';

describe('stopping a reader', () => {
  let system: SystemInProcess;
  let readers: BeatPublisher;
  let connection: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([
      system.startReaderHeartbeat(),
      system.start('journal').ready,
      system.startGateway({ SIGNALBOX_KEYLESS_MANAGEMENT: 'true' }),
    ]);
    connection = await connect(system.broker.url);
    channel = await connection.createChannel();
    readers = await BeatPublisher.open(system.broker.url);
    await readers.send(beat('pool/llama:0', { boot_id: 'boot-a' }));
    await readers.send(beat('plain'));
    await controllable('pool/llama:0');
    await eventually(async () => (await system.mapOf('plain')) === 'live');
  });
  afterAll(async () => {
    await readers?.close();
    await connection?.close();
    await system?.close();
  });

  /** As docs/messages.md describes. */
  const controllable = async (id: string, options = {}): Promise<void> => {
    await channel.assertQueue(readerControlQueue(id), { durable: true, ...options });
    await channel.bindQueue(readerControlQueue(id), exchanges.readerCommands.name, id);
  };
  const taken = async (id: string): Promise<ConsumeMessage> => {
    const message = await channel.get(readerControlQueue(id), { noAck: true });
    if (message === false) throw new Error('no message');
    return message as unknown as ConsumeMessage;
  };
  const stop = (id: string): Promise<Response> => system.send('DELETE', `/reader/${id}`);
  const keyless = (id: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${system.managementPort}/reader/${id}`, { method: 'DELETE' });
  const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: string }).code;
  const audited = (resource: string, count: number): Promise<Record<string, unknown>[]> =>
    eventually(async () => {
      const answer = await system.get(`/v1/audit?action=stop-reader&resource=${encodeURIComponent(resource)}`);
      const { data = [] } = (await answer.json()) as { data?: Record<string, unknown>[] };
      return data.length === count ? data : undefined;
    });

  it('puts a durable command for its incarnation into its queue, and is in the audit trail', async () => {
    const answer = await stop('pool/llama:0');
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    const { content, properties } = await taken('pool/llama:0');
    expect(properties).toMatchObject({ type: 'reader.stop', deliveryMode: 2, contentType: 'application/json' });
    expect(JSON.parse(content.toString())).toEqual({
      reader_id: 'pool/llama:0',
      boot_id: 'boot-a',
      requested_at: expect.any(Number),
    });
    expect(await audited('pool/llama:0', 1)).toEqual([
      expect.objectContaining({ result: 'sent', role: 'admin', detail: { boot_id: 'boot-a' } }),
    ]);
    // It is shown until it deregisters.
    expect(await system.mapOf('pool/llama:0')).toBe('live');
  });

  it('finds ids with encoded slashes, and works without a key at the management port, under no name', async () => {
    expect((await stop('pool%2Fllama:0')).status).toBe(204);
    expect((await keyless('pool/llama:0')).status).toBe(204);
    for (let left = 2; left > 0; left--) expect((await taken('pool/llama:0')).properties.type).toBe('reader.stop');
    const [last] = await audited('pool/llama:0', 3);
    expect(last).toMatchObject({ result: 'sent', key_id: null, role: null, address: '127.0.0.1' });
  });

  it('is refused for a reader that has declared no queue, at both ports', async () => {
    for (const answer of [await stop('plain'), await keyless('plain')])
      expect([answer.status, await answer.json()]).toEqual([
        409,
        expect.objectContaining({
          code: 'reader_not_controllable',
          detail: expect.stringContaining('reader.plain.control'),
        }),
      ]);
    expect(await audited('plain', 2)).toMatchObject([
      { result: 'refused', role: null },
      { result: 'refused', role: 'admin', detail: { boot_id: null, why: 'unroutable' } },
    ]);
  });

  it('does not find an unknown reader, even where there is a queue, and is for admins only', async () => {
    await controllable('unknown');
    for (const answer of [await stop('unknown'), await keyless('unknown'), await stop('un/known'), await stop('%00')])
      expect([404, 400]).toContain(answer.status);
    expect(await codeOf(await stop('unknown'))).toBe('reader_not_found');
    const made = await system.send('POST', '/v1/keys', { name: 'manager', role: 'manager' });
    const { key } = (await made.json()) as { key: string };
    const answer = await system.send('DELETE', '/reader/plain', undefined, key);
    expect([answer.status, await codeOf(answer)]).toEqual([403, 'insufficient_role']);
  });

  it('has an unknown outcome where the queue is full', async () => {
    await readers.send(beat('full', { boot_id: 'b' }));
    await controllable('full', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
    await eventually(async () => (await system.mapOf('full')) === 'live');
    expect((await stop('full')).status).toBe(204);
    const answer = await stop('full');
    expect([answer.status, await codeOf(answer)]).toEqual([504, 'outcome_unknown']);
    expect((await audited('full', 2))[0]).toMatchObject({ result: 'unknown', detail: { why: 'nacked' } });
  });
});
