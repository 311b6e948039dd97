import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readerControlArguments, readerControlQueue } from '@signalbox/contracts/messages';
import { eventually, testBroker, testPackages, type TestBroker } from '@signalbox/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LANGUAGES, ReaderClient } from '../support/reader-clients/client.js';
import { ReceivedMessages } from '../support/reader-clients/received-messages.js';

beforeAll(testPackages, 600_000);

/** Each with what names it. */
const WRONG_OPTIONS: readonly [RegExp, object][] = [
  [/reader_id: must be 1 to 200/, { reader_id: 'with space' }],
  [/consumer_groups\.1: /, { consumer_groups: ['a', ''] }],
  [/model_name: /, { model_name: 'm'.repeat(501) }],
  [/device: must not contain control characters/, { device: 'a\u0000b' }],
  [/pids\.0: /, { pids: [2 ** 31] }],
  [/heartbeat_wait_interval: /, { heartbeat_wait_interval: 0 }],
  [/heartbeat_wait_interval: .*/, { heartbeat_wait_interval: 1.5 }],
  [/config: config\.a\.0\.hf_token looks like a credential/, { config: { a: [{ hf_token: 'hunter2' }] } }],
  [/config: /, { config: ['a'] }],
  [/backend: /, { backend: '' }],
  [/url: must be an amqp:\/\/ or amqps:\/\/ URL/, { url: 'http://a:hunter2@b/' }],
  [/url: /, { url: 'amqp://a:hunter2@b:port/' }],
  [/url: give either url or url_?file/i, { url_file: '/none' }],
  [/url_?file: \/none cannot be read/i, { url: undefined, url_file: '/none' }],
  [/exchange: must not be empty/, { exchange: '' }],
];

/** What both clients do alike, in processes of their own, seen at a real broker. */
describe.each(LANGUAGES)('the reader client in %s', (language) => {
  let broker: TestBroker;
  let received: ReceivedMessages;

  beforeAll(async () => {
    broker = await testBroker();
    received = await ReceivedMessages.open(broker.url);
  });
  afterAll(async () => {
    await received?.close();
    await broker?.remove();
  });

  const client = (): ReaderClient => {
    const started = new ReaderClient(language);
    onTestFinished(() => started.kill());
    return started;
  };
  const settings = (readerId: string, more: object = {}) => ({
    reader_id: readerId,
    consumer_groups: ['primary'],
    model_name: 'llama-3-70b',
    model_type: 'chat',
    device: 'cuda',
    heartbeat_wait_interval: 1,
    ...more,
  });
  const start = (readerId: string, { on_stop, ...more }: { on_stop?: string; [name: string]: unknown } = {}) => {
    const started = client();
    started.take('start', { options: { url: broker.url, ...settings(readerId, more) }, on_stop });
    return started;
  };
  const state = (readerId: string, wanted: string): Promise<unknown> =>
    eventually(() => received.states(readerId).at(-1) === wanted);
  const bootOf = (readerId: string): string => received.beats(readerId).at(-1)!.boot_id!;
  /** Its command queue is there, and nothing is in it. */
  const isConsumed = (readerId: string): Promise<unknown> =>
    eventually(async () => {
      // The broker would close the channel.
      if (!(await broker.queues()).includes(readerControlQueue(readerId))) return false;
      const { messageCount, consumerCount } = await received.channel.checkQueue(readerControlQueue(readerId));
      return messageCount === 0 && consumerCount === 1;
    });
  /** The broker closes its connection, and ours. */
  const cut = async (connected: ReaderClient): Promise<void> => {
    await received.close();
    // The broker lists a connection only some time after it was opened.
    await eventually(async () => {
      await broker.closeAllConnections();
      return connected.events.some(({ text }) => String(text).includes('do not reach'));
    });
    received = await ReceivedMessages.open(broker.url);
  };
  const nothingWaits = (readerId: string): Promise<unknown> =>
    eventually(async () => (await broker.messageCount(readerControlQueue(readerId))) === 0);

  it('publishes heartbeats of one incarnation as loading, ready, and stopping at its end', async () => {
    const config = { max_tokens: 4_096, nested: [{ tokenizer: 'bpe' }] };
    const one = start('one', { backend: 'vllm', config });
    await state('one', 'loading');
    one.take('ready', { id: 'one' });
    await eventually(() => received.beats('one').length >= 4);
    one.take('update', { id: 'one', change: { pids: [7, 8], consumer_groups: [] } });
    await eventually(() => received.beats('one').at(-1)!.pids.length === 2);
    one.take('stop', { id: 'one' });
    await one.event('stopped');
    await state('one', 'stopping');

    const beats = received.beats('one');
    expect(beats.map(({ seq }) => seq)).toEqual(beats.map((_, index) => index + 1));
    expect(new Set(beats.map(({ boot_id }) => boot_id)).size).toBe(1);
    expect(beats[0]).toMatchObject({ consumer_name: 'one', pids: [one.child.pid], backend: 'vllm', config });
    expect(beats.filter(({ sent_at }) => Math.abs(sent_at! - Date.now()) > 60_000)).toEqual([]);
    const [first] = received.messages.filter(({ routingKey }) => routingKey === 'one');
    expect(first).toMatchObject({
      isArray: false,
      properties: {
        contentType: 'application/json',
        deliveryMode: 1,
        type: 'reader.heartbeat',
        userId: new URL(broker.url).username,
      },
    });
    one.take('ready', { id: 'one' });
    one.take('status', { id: 'one' });
    expect((await one.event('status'))['status']).toMatchObject({
      state: 'stopping',
      connected: false,
      seq: beats.length,
    });
  });

  it('has one connection, one key and common messages for the readers of a host, each with its own state', async () => {
    const host = client();
    host.take('host', { options: { url: broker.url, routing_key: 'host/a' } });
    for (const id of ['a-0', 'a-1']) host.take('add', { options: settings(id) });
    host.take('add', { options: settings('a-slow', { heartbeat_wait_interval: 600 }) });
    const ofHost = () => received.messages.filter(({ routingKey }) => routingKey === 'host/a');
    await eventually(() => ofHost().filter(({ beats }) => beats.length === 2).length >= 2);
    host.take('ready', { id: 'a-slow' });
    await state('a-slow', 'ready');
    host.take('stop', { id: 'a-0' });
    await state('a-0', 'stopping');
    const ended = received.beats('a-0').length;
    const others = received.beats('a-1').length;
    await eventually(() => received.beats('a-1').length >= others + 2);
    expect([received.beats('a-0').length, received.states('a-1').at(-1)]).toEqual([ended, 'loading']);
    host.take('add', { options: settings('a-1') });
    expect((await host.event('error'))['message']).toMatch(/reader_id: a-1 is a running reader/);
    host.take('stop_host');
    await host.event('stopped', host.events.findIndex(({ event }) => event === 'stopped') + 1);
    for (const id of ['a-1', 'a-slow']) await state(id, 'stopping');
    expect(received.states('a-slow')).toEqual(['loading', 'ready', 'stopping']);
    expect(
      new Set(
        received.messages
          .filter(({ beats }) => beats[0]!.reader_id.startsWith('a-'))
          .map(({ routingKey }) => routingKey),
      ),
    ).toEqual(new Set(['host/a']));
  });

  it('sends at most 1,000 heartbeats in a message', async () => {
    const ids = Array.from({ length: 1_300 }, (_, index) => `many-${index}`);
    const host = client();
    host.take('host', { options: { url: broker.url } });
    for (const id of ids) host.take('add', { options: settings(id, { heartbeat_wait_interval: 600 }) });
    const ofHost = () => received.messages.filter(({ routingKey }) => routingKey === 'many-0');
    await eventually(
      () => new Set(ofHost().flatMap(({ beats }) => beats.map((beat) => beat.reader_id))).size === 1_300,
    );
    host.take('stop_host');
    await host.event('stopped');
    await eventually(
      () =>
        ofHost()
          .flatMap(({ beats }) => beats)
          .filter(({ state: each }) => each === 'stopping').length === 1_300,
    );
    const sizes = ofHost().map(({ beats }) => beats.length);
    expect([Math.max(...sizes) <= 1_000, Math.max(...sizes) > 500]).toEqual([true, true]);
  });

  it('publishes while its main thread is busy for three intervals', async () => {
    const busy = start('busy');
    await state('busy', 'loading');
    const before = received.beats('busy').length;
    busy.take('busy', { ms: 3_300 });
    await busy.event('idle');
    expect(received.beats('busy').length - before).toBeGreaterThanOrEqual(2);
  });

  it('hands a command to stop on once, and acknowledges it after its deregistration', async () => {
    const stopped = start('stopped', { on_stop: 'waits' });
    await state('stopped', 'loading');
    await isConsumed('stopped');
    received.stop('stopped', 'another incarnation');
    await nothingWaits('stopped');
    received.channel.publish('signalbox.reader-commands', 'stopped', Buffer.from('{'), { type: 'reader.stop' });
    await nothingWaits('stopped');
    expect(stopped.count('command')).toBe(0);

    received.stop('stopped', bootOf('stopped'));
    received.stop('stopped', bootOf('stopped'));
    const { command } = await stopped.event('command');
    expect(command).toEqual({ reader_id: 'stopped', boot_id: bootOf('stopped'), requested_at: expect.any(Number) });
    expect(await broker.messageCount(readerControlQueue('stopped'))).toBe(2);
    expect(received.states('stopped')).not.toContain('stopping');
    stopped.take('release');
    await state('stopped', 'stopping');
    await nothingWaits('stopped');
    expect(stopped.count('command')).toBe(1);
    // Its arguments: another declaration with them is accepted, one without them is not.
    const queue = readerControlQueue('stopped');
    const declared = await received.channel.assertQueue(queue, { durable: true, arguments: readerControlArguments });
    expect(declared.consumerCount).toBe(0);
  });

  it('executes a command once that is delivered again, and stops also where the callback fails', async () => {
    const again = start('again', { on_stop: 'waits' });
    await state('again', 'loading');
    await isConsumed('again');
    received.stop('again', bootOf('again'));
    await again.event('command');
    await cut(again);
    await state('again', 'loading');
    await isConsumed('again');
    // Delivered again, and not acknowledged.
    expect(await broker.messageCount(readerControlQueue('again'))).toBe(1);
    again.take('release');
    await state('again', 'stopping');
    await nothingWaits('again');
    expect(again.count('command')).toBe(1);

    const failing = start('failing', { on_stop: 'fails' });
    await state('failing', 'loading');
    await isConsumed('failing');
    received.stop('failing', bootOf('failing'));
    await state('failing', 'stopping');
    expect(
      (
        await failing.event(
          'log',
          failing.events.findIndex(({ event }) => event === 'command'),
        )
      )['text'],
    ).toMatch(/failing: on_?stop failed: as asked/i);
    await nothingWaits('failing');
  });

  it('acknowledges after a crash what was for the incarnation that crashed', async () => {
    const crashed = start('crashed', { on_stop: 'waits' });
    await state('crashed', 'loading');
    await isConsumed('crashed');
    const before = bootOf('crashed');
    received.stop('crashed', before);
    await crashed.event('command');
    await crashed.kill();
    const next = start('crashed', { on_stop: 'waits' });
    await eventually(() => bootOf('crashed') !== before);
    await isConsumed('crashed');
    next.take('ready', { id: 'crashed' });
    await state('crashed', 'ready');
    expect([next.count('command'), received.states('crashed')]).toEqual([0, expect.not.arrayContaining(['stopping'])]);
  });

  it('uses a command queue that is there with other arguments', async () => {
    await received.channel.assertQueue(readerControlQueue('older'), { durable: true });
    const older = start('older', { on_stop: 'returns' });
    await state('older', 'loading');
    await isConsumed('older');
    received.stop('older', bootOf('older'));
    await older.event('command');
    await state('older', 'stopping');
    await nothingWaits('older');
    expect(older.count('command')).toBe(1);
  });

  it('goes on with its heartbeats, and with the other readers of its host, where a command queue is refused', async () => {
    await received.channel.assertQueue(readerControlQueue('locked'), { exclusive: true });
    const host = client();
    host.take('host', { options: { url: broker.url } });
    for (const id of ['locked', 'free']) host.take('add', { options: settings(id), on_stop: 'returns' });
    const refused = () =>
      host.events.find(({ text }) => String(text).startsWith('locked cannot be stopped by a command'));
    await eventually(refused);
    expect(refused()!['text']).toMatch(/405.*RESOURCE.LOCKED/);
    host.take('ready', { id: 'locked' });
    await state('locked', 'ready');
    await isConsumed('free');
    received.stop('free', bootOf('free'));
    await state('free', 'stopping');
    expect(received.states('locked').at(-1)).toBe('ready');
  });

  it('reconnects with heartbeats of the same incarnation', async () => {
    const lost = start('lost');
    await state('lost', 'loading');
    const { boot_id, seq } = received.beats('lost').at(-1)!;
    await cut(lost);
    lost.take('ready', { id: 'lost' });
    await state('lost', 'ready');
    const beats = received.beats('lost');
    expect(new Set(beats.map((beat) => beat.boot_id))).toEqual(new Set([boot_id]));
    expect(beats[0]!.seq).toBeGreaterThan(seq!);
  });

  it('deregisters on SIGTERM where it is asked to, and ends by the signal', async () => {
    const signalled = start('signalled', { stop_on_sigterm: true });
    await state('signalled', 'loading');
    signalled.child.kill('SIGTERM');
    expect(await signalled.ended).toEqual([null, 'SIGTERM']);
    await state('signalled', 'stopping');
  });

  it('ends without a deregistration where it is abandoned', async () => {
    const abandoned = start('abandoned');
    await state('abandoned', 'loading');
    abandoned.take('abandon', { id: 'abandoned' });
    await abandoned.event('stopped');
    abandoned.child.stdin!.end();
    await abandoned.ended;
    expect(new Set(received.states('abandoned'))).toEqual(new Set(['loading']));
  });

  it('stops in three seconds without a broker, and never prints the password', async () => {
    const { port } = new URL(broker.url);
    const refused = client();
    const url = `amqp://unknown-user:t0psecret@127.0.0.1:${port}/unknown-vhost`;
    refused.take('start', { options: { url, ...settings('refused') } });
    expect((await refused.event('log'))['text']).toMatch(/^heartbeats do not reach 127\.0\.0\.1:\d+\/unknown-vhost: /);
    refused.take('stop', { id: 'refused' });
    await refused.event('stopped');
    expect(refused.output).not.toContain('t0psecret');
  });

  it('reads the file with the URL for each connection', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-url-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'url');
    const { port } = new URL(broker.url);
    writeFileSync(file, `amqp://unknown-user:t0psecret@127.0.0.1:${port}/x\n`);
    const rotated = client();
    rotated.take('start', { options: { url_file: file, ...settings('rotated') } });
    await rotated.event('log');
    writeFileSync(file, `${broker.url}\n`);
    await state('rotated', 'loading');
    expect(rotated.output).not.toContain('t0psecret');
  });

  it('refuses wrong options with an error that names them', async () => {
    const refusing = client();
    for (const [message, wrong] of WRONG_OPTIONS) {
      const from = refusing.events.length;
      refusing.take('start', { options: { url: broker.url, ...settings('wrong'), ...wrong } });
      const text = String((await refusing.event('error', from))['message']);
      expect(text).toMatch(message);
      expect(text).toMatch(/^The reader's options are not valid: /);
    }
    expect(refusing.output).not.toContain('hunter2');
    // Nothing was started.
    refusing.child.stdin!.end();
    expect(await refusing.ended).toEqual([0, null]);
  });
});
