// @ts-check
// The load, as a process that can be killed: heartbeats and writes. The journal has which writes were requested and which were
// acknowledged.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { exchanges, mergeTopologies, streamOwnerTopology } from '@signalbox/contracts/messages';
import { Amqp, PublishError, RequestError } from '@signalbox/messaging';
import { createLogger } from '@signalbox/platform';
import { z } from 'zod';
import { Journal } from './journal.mjs';

const TICK_MS = 50;
const GIVE_UP_MS = 180_000;
/** A heartbeat that the broker refused is stated again after so long. */
const AGAIN_MS = 200;

const env = (/** @type {string} */ name) => process.env[name] ?? '';
const journal = new Journal(env('JOURNAL'));
const gateways = env('GATEWAYS').split(',');
const {
  readers,
  heartbeatsPerSecond,
  writesPerSecond,
  poison: withPoison,
  intervalSeconds = 10,
  perMessage = 1,
} = JSON.parse(env('LOAD'));
/** Heartbeats that are published every `TICK_MS`. */
const beatsPerTick = (heartbeatsPerSecond * TICK_MS) / 1_000;
const headers = { 'x-api-key': env('ADMIN_KEY'), 'content-type': 'application/json' };
let fault = env('FAULT');
let ending = false;
let confirmed = 0;
/** @type {Set<Promise<void>>} */
const running = new Set();
/** Of this incarnation of all readers. */
const bootId = randomUUID();
let seq = 0;
/** Readers whose last heartbeat the broker has not taken, by the first one of their message. @type {Map<number, number>} */
const untaken = new Map();

const amqp = new Amqp({
  url: env('RABBITMQ_URL'),
  name: 'load',
  logger: createLogger({ name: 'load', level: 'warn' }),
  topology: mergeTopologies(streamOwnerTopology(), {
    exchanges: [exchanges.commands, exchanges.heartbeats],
    queues: [],
    bindings: [],
  }),
  deadLetters: { exchange: exchanges.deadLetters.name },
});

/** @param {() => Promise<void>} work */
function begin(work) {
  const promise = work().finally(() => running.delete(promise));
  running.add(promise);
}

/** @param {number} everyMs @param {(count: number) => void} run */
function every(everyMs, run) {
  let count = 0;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    if (ending) return clearInterval(timer);
    // What was missed in a pause is not sent later: the load is a rate, not a sum.
    const due = Math.min(Math.floor((performance.now() - startedAt) / everyMs), count + 2);
    for (; count < due; count++) run(count);
  }, everyMs / 2);
}

/** @param {number} count */
function beat(count) {
  for (let sent = 0; sent < beatsPerTick; sent += perMessage)
    beatOf((count * beatsPerTick + sent) % readers, Math.min(perMessage, beatsPerTick - sent));
}

/** A heartbeat of each of so many readers, in one message. @param {number} first @param {number} amount */
function beatOf(first, amount) {
  seq += 1;
  const beats = Array.from({ length: amount }, (_, index) => {
    const id = `load-${(first + index) % readers}`;
    return {
      reader_id: id,
      boot_id: bootId,
      seq,
      state: 'ready',
      consumer_name: id,
      consumer_groups: ['primary'],
      model_name: 'm',
      model_type: 'chat',
      device: 'cuda',
      pids: [1],
      heartbeat_wait_interval: intervalSeconds,
    };
  });
  untaken.delete(first);
  amqp.publisher
    .publish({
      exchange: exchanges.heartbeats.name,
      routingKey: `load-${first}`,
      type: 'reader.heartbeat',
      body: perMessage === 1 ? beats[0] : beats,
    })
    .then(
      () => (confirmed += beats.length),
      () => {
        untaken.set(first, amount);
        setTimeout(beatAgain, AGAIN_MS);
      },
    );
}

/** As the reader clients do: they state again what the broker has not confirmed, when they are connected again. */
function beatAgain() {
  if (ending || !amqp.status().up) return;
  for (const [first, amount] of untaken) beatOf(first, amount);
}

/** @param {import('./journal.mjs').Kind} kind */
function request(kind) {
  const id = `${fault}/${randomUUID()}`;
  const line = { kind, id, fault };
  journal.write({ what: 'requested', ...line });
  return line;
}

const answer = z.object({
  stream: z.string(),
  seq: z.int(),
  entry: z.object({ id: z.string(), amount: z.int(), number: z.int(), booked_at: z.string() }),
});

/** @param {number} count */
async function addBooking(count) {
  const line = request('booking');
  const ask = () =>
    amqp.request({
      exchange: exchanges.requests.name,
      routingKey: 'ledger',
      type: 'ledger.booking',
      messageId: line.id,
      body: { id: line.id, amount: count },
      schema: answer,
      timeoutMs: 5_000,
      repeatForMs: GIVE_UP_MS,
    });
  const first = await untilAnswered(ask, line);
  if (first === undefined) return;
  journal.write({ what: 'acknowledged', ...line });
  if (first.entry.id !== line.id) journal.write({ what: 'wrong', ...line, detail: `answered for ${first.entry.id}` });
  if (count % 4 !== 0) return;
  const again = await untilAnswered(ask, line);
  if (again && !isDeepStrictEqual(first, again))
    journal.write({
      what: 'wrong',
      ...line,
      detail: `answered ${JSON.stringify(first)}, then ${JSON.stringify(again)}`,
    });
}

/**
 * Repeats a request with the same id after a refusal, which means that nothing was done, and while its outcome is unknown.
 * @template T
 * @param {() => Promise<T>} ask @param {ReturnType<typeof request>} line @returns {Promise<T | undefined>}
 */
async function untilAnswered(ask, line) {
  for (const endsAt = performance.now() + GIVE_UP_MS; performance.now() < endsAt; await wait(500)) {
    try {
      return await ask();
    } catch (error) {
      const mayRetry =
        error instanceof RequestError && (error.code !== 'refused' || error.remoteCode === 'storage_unavailable');
      if (!mayRetry) {
        journal.write({ what: 'wrong', ...line, detail: String(error) });
        return undefined;
      }
    }
  }
  journal.write({ what: 'wrong', ...line, detail: `no answer in ${GIVE_UP_MS} ms` });
  return undefined;
}

/** @param {number} count */
async function note(count) {
  const poison = withPoison && count % 50 === 49;
  const line = request(poison ? 'poison' : 'note');
  const body = { id: line.id, ...(poison && { poison }), ...(count % 20 === 7 && { fail_times: 1 + (count % 2) }) };
  for (const endsAt = performance.now() + GIVE_UP_MS; performance.now() < endsAt; await wait(200)) {
    try {
      await amqp.publisher.publish({
        exchange: exchanges.commands.name,
        routingKey: 'ledger.note',
        type: 'ledger.note',
        messageId: line.id,
        body,
        mandatory: true,
        persistent: true,
      });
      journal.write({ what: 'acknowledged', ...line });
      return;
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
    }
  }
}

/** @param {number} count */
async function makeKey(count) {
  const line = request('key');
  const base = gateways[count % gateways.length];
  let response;
  try {
    response = await fetch(`${base}/v1/keys`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: line.id }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch {
    return; // The gateway exited or was slow: the key may exist or not.
  }
  const text = await response.text();
  if (response.status === 201) {
    journal.write({ what: 'acknowledged', ...line });
    const { id } = JSON.parse(text);
    // Keeps the number of keys below the gateway's limit. A key that cannot be revoked now stays.
    await fetch(`${base}/v1/keys/${id}`, {
      method: 'DELETE',
      headers: { 'x-api-key': env('ADMIN_KEY') },
      signal: AbortSignal.timeout(30_000),
    }).catch(() => undefined);
  } else if (response.status !== 504) {
    journal.write({ what: 'refused', ...line, detail: `${response.status} ${text}` });
    if (response.status !== 503) journal.write({ what: 'wrong', ...line, detail: `${response.status} ${text}` });
  }
}

async function end() {
  ending = true;
  while (running.size > 0) await Promise.all(running);
  await amqp.close();
  process.exit(0);
}

process.on('message', (/** @type {{ fault?: string }} */ message) => {
  if (message.fault !== undefined) fault = message.fault;
});
process.on('SIGTERM', () => void end());
process.on('disconnect', () => process.exit(1));

await amqp.open();
process.send?.({ type: 'ready' });
every(TICK_MS, beat);
amqp.onStatus(beatAgain);
every(1_000, () => {
  process.send?.({ type: 'heartbeats', confirmed }, () => undefined);
  confirmed = 0;
});
const writeMs = 1_000 / writesPerSecond;
every(writeMs / 0.6, (count) => begin(() => addBooking(count)));
every(writeMs / 0.3, (count) => begin(() => note(count)));
every(writeMs / 0.1, (count) => begin(() => makeKey(count)));
