import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { eventually } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, BeatPublisher } from '../support/beating.js';
import { System, type ReaderStatus, type SystemInProcess } from '../support/system.js';

/** Together more than a system keeps of a connection whose other end reads nothing. */
const READERS = 1_100;
const PIDS = Array.from({ length: 700 }, (_, index) => 1_000_000 + index);
const PER_MESSAGE = 100;
const SLOW_CLIENTS = 3;

const idOf = (number: number): string => `pool/${number}`;
const large = (number: number, over: Record<string, unknown> = {}) =>
  beat(idOf(number), { pids: PIDS, heartbeat_wait_interval: 3_600, ...over });

describe('GET /status of many readers', () => {
  let system: SystemInProcess;
  let readers: BeatPublisher;

  beforeAll(async () => {
    system = await System.inProcess();
    await Promise.all([system.startReaderHeartbeat(), system.startGateway()]);
    readers = await BeatPublisher.open(system.broker.url);
    const all = Array.from({ length: READERS }, (_, number) => large(number));
    for (let from = 0; from < READERS; from += PER_MESSAGE) await readers.send(all.slice(from, from + PER_MESSAGE));
    await eventually(async () => Object.keys((await status()).live_readers).length === READERS);
  });
  afterAll(async () => {
    await readers?.close();
    await system.close();
  });

  const status = async (): Promise<NonNullable<ReaderStatus['status']>> => (await system.status()).status!;
  /** An answer whose body is not read yet. */
  const begin = async (headers: Record<string, string> = {}): Promise<IncomingMessage> => {
    const sent = request(`${system.baseUrl}/status`, {
      headers: { 'x-api-key': system.adminKey, ...headers },
      agent: false,
    });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };
  const read = async (response: IncomingMessage) => {
    const body = await text(response);
    const length = Number(response.headers['content-length']);
    return { etag: response.headers.etag, isWhole: Buffer.byteLength(body) === length, hash: hashOf(body) };
  };

  it('follows every change while answers are under way, and alters none of them', async () => {
    const slow: IncomingMessage[] = [];
    const expected = await eventually(async () => {
      const first = await read(await begin());
      for (const response of slow.splice(0)) response.destroy();
      for (let client = 0; client < SLOW_CLIENTS; client += 1) slow.push(await begin());
      // All of one version.
      return slow.every(({ headers }) => headers.etag === first.etag) && first;
    });

    const beatSeconds = async (): Promise<number> => (await status()).last_heartbeat[idOf(5)]!.heartbeat_timestamp;
    const before = await beatSeconds();
    await readers.send(large(1, { state: 'stopping' }));
    await eventually(async () => (await system.mapOf(idOf(1))) === undefined);
    await readers.send(beat('late', { heartbeat_wait_interval: 3_600 }));
    await eventually(async () => (await system.mapOf('late')) === 'live');
    await readers.send(large(600, { state: 'loading', boot_id: 'second' }));
    await eventually(async () => (await system.mapOf(idOf(600))) === 'loading');
    await eventually(async () => {
      await readers.send(large(5));
      return (await beatSeconds()) > before;
    });

    expect(slow.map(({ complete }) => complete)).toEqual(slow.map(() => false));
    for (const response of slow) expect(await read(response)).toEqual({ ...expected, isWhole: true });
    expect((await read(await begin())).hash).not.toBe(expected.hash);
  });

  it('is the same compressed, in a few hundredths of the bytes', async () => {
    const compressed = await eventually(async () => {
      const response = await begin({ 'accept-encoding': 'gzip' });
      const { 'content-encoding': coding, 'content-length': length } = response.headers;
      response.destroy();
      return coding === 'gzip' && Number(length);
    });
    const plain = await begin();
    expect(compressed).toBeLessThan(Number(plain.headers['content-length']) / 20);
    plain.destroy();
    // fetch asks for gzip.
    expect(Object.keys((await status()).last_heartbeat)).toHaveLength(READERS);
  });

  it.each(['gzip', 'identity'])('is 304 to a client that has it as %s', async (coding) => {
    const statusWith = async (etag: string): Promise<number> => {
      const response = await begin({ 'if-none-match': etag });
      response.destroy();
      return response.statusCode!;
    };
    const etags = await eventually(async () => {
      const known = await begin({ 'accept-encoding': coding });
      const etag = known.headers.etag!;
      known.destroy();
      return (await statusWith(etag)) === 304 && [etag, '"other"'];
    });
    expect(await Promise.all(etags.map(statusWith))).toEqual([304, 200]);
  });
});

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');
