import { readFileSync } from 'node:fs';
import { deadLetterQueues, deadLettersQueue } from '@signalbox/contracts/messages';
import { eventually } from '@signalbox/testing';
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat } from '../support/beating.js';
import { goodIds, malformed, type Malformed } from '../support/malformed.js';
import { System } from '../support/system.js';

const COUNT = 10_000;
const seed = Number(process.env['MALFORMED_SEED'] ?? Date.now() % 1_000_000_000);
/** Dead-lettering publishes a confirmed message; a good heartbeat only changes memory. Measured: about 5 ×. */
const MOST_CPU_RATIO = 30;

describe(`${COUNT} malformed messages (MALFORMED_SEED=${seed})`, () => {
  let system: System;
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  const pids: Record<string, number> = {};

  beforeAll(async () => {
    system = await System.create();
    await system.startReaderHeartbeat();
    await system.startGatewayProcess();
    for (const name of ['reader-heartbeat', 'gateway']) pids[name] = system.service(name).pid;
    connection = await connect(system.broker.url);
    channel = await connection.createConfirmChannel();
    for (const { name } of deadLetterQueues) await channel.consume(name, takeDeadLetters, { noAck: true });
  });
  afterAll(async () => {
    await connection?.close();
    await system?.close();
  });

  const send = (exchange: string, key: string, { content, properties }: Pick<Malformed, 'content' | 'properties'>) =>
    channel.publish(exchange, key, content, properties);
  const sendGood = (id: string, over: Record<string, unknown> = {}) =>
    send('signalbox.heartbeats', id, {
      content: Buffer.from(JSON.stringify(beat(id, { heartbeat_wait_interval: 3_600, ...over }))),
      properties: { contentType: 'application/json', type: 'reader.heartbeat' },
    });
  /** Sends portions, each after the one before was handled: a heartbeat that waits for 5 s in its queue is dropped. */
  const inPortions = async <T>(
    items: readonly T[],
    run: (item: T) => unknown,
    dealtWith: (items: readonly T[]) => Promise<unknown>,
  ) => {
    for (let from = 0; from < items.length; from += 200) {
      const portion = items.slice(from, from + 200);
      for (const item of portion) run(item);
      await channel.waitForConfirms();
      await dealtWith(portion);
    }
  };
  const beatsTaken = () =>
    eventually(async () => (await system.broker.messageCount('reader-heartbeat.partition.0')) === 0);
  /** Waits for so many further dead letters, which are taken out as they come: their queue is bounded. */
  const moreDeadLetters = async (count: number) => {
    wanted += count;
    await eventually(() => taken >= wanted, { timeoutMs: 60_000 });
  };
  const sumOf = (messages: readonly Malformed[]) => messages.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  /** How many were taken out, by their reasons. */
  const reasons = new Map<string, number>();
  let [taken, wanted] = [0, 0];
  const takeDeadLetters = (message: ConsumeMessage | null) => {
    const reason = String(message?.properties.headers?.['x-reason']);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    taken += 1;
  };
  /** CPU seconds a service has used so far. */
  const cpuOf = (name: string): number => {
    const fields = readFileSync(`/proc/${pids[name]}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const sameProcesses = () => {
    for (const [name, pid] of Object.entries(pids))
      expect([name, system.service(name).pid, cpuOf(name) > 0]).toEqual([name, pid, true]);
  };

  it('are each dead-lettered with a reason, while good messages among them count and every service continues', async () => {
    const ids = goodIds();
    const before = cpuOf('reader-heartbeat');
    await inPortions(
      Array.from({ length: COUNT }, (_, n) => ids[n % ids.length]!),
      (id) => sendGood(id, { model_name: 'first' }),
      beatsTaken,
    );
    await eventually(async () => Object.keys((await system.status()).status!.live_readers).length === ids.length);
    const cpuOfGood = cpuOf('reader-heartbeat') - before;

    let asked = 0;
    let asking = true;
    const asker = (async () => {
      while (asking) {
        expect((await system.get('/status')).status).toBe(200);
        expect((await fetch(`http://127.0.0.1:${system.managementPort}/livez`)).status).toBe(200);
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const bad = malformed({ count: COUNT, seed });
    const expected = sumOf(bad);
    const beforeBad = cpuOf('reader-heartbeat');
    let sent = 0;
    await inPortions(
      bad,
      (message) => {
        send('signalbox.heartbeats', `key-${sent % 10}`, message);
        if ((sent += 1) % 10 === 0) sendGood(ids[(sent / 10) % ids.length]!, { model_name: 'second' });
      },
      (portion) => moreDeadLetters(sumOf(portion)),
    );
    const cpuOfBad = cpuOf('reader-heartbeat') - beforeBad;
    asking = false;
    await asker;

    // The readers with good heartbeats, before and among the malformed ones, are shown with their last heartbeat, and no others.
    for (const id of ids) sendGood(id, { model_name: 'third' });
    await eventually(async () =>
      Object.values((await system.status()).status!.live_readers).every(({ model_name: name }) => name === 'third'),
    );
    expect(Object.keys((await system.status()).status!.live_readers).toSorted((a, b) => a.localeCompare(b))).toEqual(
      ids.toSorted((a, b) => a.localeCompare(b)),
    );
    expect([...reasons.values()].reduce((sum, count) => sum + count, 0)).toBe(expected);
    expect([...reasons.keys()].toSorted((a, b) => a.localeCompare(b))).toEqual([
      'bad-heartbeat',
      'not-json',
      'not-utf8',
      'too-large',
      'wrong-content-type',
    ]);
    expect(asked).toBeGreaterThan(0);
    expect(cpuOfBad).toBeLessThan(MOST_CPU_RATIO * Math.max(cpuOfGood, 0.1));
    sameProcesses();
  }, 240_000);

  it('are dead-lettered also from the queues of requests and of the streams', async () => {
    reasons.clear();
    const bad = malformed({ count: 300, seed: seed + 1 });
    await inPortions(
      bad,
      ({ content, properties }) => {
        send('signalbox.calls', 'readers.0.snapshot', { content, properties });
        send('signalbox.calls', 'gateway.snapshot', {
          content,
          properties: { ...properties, replyTo: deadLettersQueue.name, correlationId: 'x' },
        });
        send('signalbox.state', 'readers.0', { content, properties });
      },
      (portion) => moreDeadLetters(3 * portion.length),
    );
    expect([...reasons.values()].reduce((sum, count) => sum + count, 0)).toBe(3 * bad.length);
    expect(reasons.has('undefined')).toBe(false);

    // Requests are answered and streams followed as before.
    sendGood('afterwards');
    await eventually(async () => (await system.mapOf('afterwards')) === 'live');
    expect((await system.send('POST', '/v1/keys', { name: 'afterwards' })).status).toBe(201);
    sameProcesses();
  });
});
