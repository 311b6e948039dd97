// @ts-check
// The owner or the replica of a stream, in a worker with an event loop and a heap of its own; requests and replies travel as JSON.
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { readersEntries, readersStream } from '@signalbox/contracts/streams';
import { createLogger, Health, Metrics, systemClock } from '@signalbox/platform';
import { FollowedStreams, Replicas, StreamAnnouncer, StreamOwner } from '@signalbox/state-streams';

const { role, port, entries } = /** @type {{ role: 'owner' | 'replica', port: MessagePort, entries: number }} */ (
  workerData
);
const { name: stream } = readersStream(0);
const logger = createLogger({ name: 'bench', level: 'silent' });
const delay = monitorEventLoopDelay({ resolution: 1 });
let longestGcMs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration);
}).observe({ entryTypes: ['gc'] });

// A worker takes no `--expose-gc`.
setFlagsFromString('--expose-gc');
const collectGarbage = /** @type {() => void} */ (runInNewContext('gc'));
const heapBytes = () => {
  collectGarbage();
  return getHeapStatistics().used_heap_size;
};
const measured = () => {
  const late = (/** @type {number} */ ns) => Math.max(0, ns / 1e6 - 1);
  return {
    p50: late(delay.percentile(50)),
    p99: late(delay.percentile(99)),
    max: late(delay.max),
    longestGc: { any: Math.round(longestGcMs) },
  };
};
const watch = () => {
  delay.reset();
  delay.enable();
  longestGcMs = 0;
};
const pack = (/** @type {unknown} */ body) => new TextEncoder().encode(JSON.stringify(body));
const unpack = (/** @type {Uint8Array} */ bytes) => JSON.parse(Buffer.from(bytes).toString());

const valueOf = (/** @type {number} */ index) => ({
  reader_id: `reader-${index}`,
  state: /** @type {const} */ ('live'),
  consumer_name: `reader-${index}`,
  consumer_groups: ['primary'],
  model_name: 'llama-3-70b',
  model_type: 'chat',
  device: 'cuda',
  backend: null,
  pids: [index],
  heartbeat_wait_interval: 60,
  received_at: 1_795_218_553_000 + index,
  since: 1_795_218_553_000 + index,
  boot_id: `01JDBENCH${String(index).padStart(17, '0')}`,
  flapping_since: null,
});

async function own() {
  const before = heapBytes();
  /** @type {[string, any][]} */
  const content = Array.from({ length: entries }, (_, index) => [
    readersEntries.reader.key(`reader-${index}`),
    valueOf(index),
  ]);
  const owner = new StreamOwner({ stream, epoch: 1, entries: content });
  content.length = 0;
  const heap = heapBytes() - before;
  /** @type {((request: { body: any }) => any)} */
  let answer = () => undefined;
  let longestStepMs = 0;
  const amqp = {
    publisher: { publish: async () => undefined },
    respond: (/** @type {{ handler: (request: { body: any }) => any }} */ { handler }) => {
      answer = handler;
      return { close: async () => undefined };
    },
  };
  new StreamAnnouncer({
    stream,
    amqp: /** @type {any} */ (amqp),
    clock: systemClock,
    logger,
    health: new Health(),
  }).own(owner);
  watch();
  port.onmessage = async ({ data: { id, body, end } }) => {
    if (end) return parentPort?.postMessage({ heapBytes: heap, delay: measured(), longestStepMs });
    const startedAt = performance.now();
    const answering = answer({ body });
    longestStepMs = Math.max(longestStepMs, performance.now() - startedAt);
    const reply = pack(await answering);
    port.postMessage({ id, reply }, [reply.buffer]);
  };
  port.postMessage({ ready: true });
}

async function follow() {
  const before = heapBytes();
  /** @type {Map<number, (reply: Uint8Array) => void>} */
  const waiting = new Map();
  let asked = 0;
  await new Promise((resolve) => {
    port.onmessage = ({ data: { ready, id, reply } }) => {
      if (ready) resolve(undefined);
      else waiting.get(id)?.(reply);
    };
  });
  /** @type {{ onActive: () => void, onInactive: () => void }} */
  let subscription = { onActive: () => undefined, onInactive: () => undefined };
  const amqp = {
    subscribe: (/** @type {any} */ options) => {
      subscription = options;
      return { close: async () => undefined };
    },
    request: async (/** @type {{ body: unknown, schema: import('zod').ZodType }} */ { body, schema }) => {
      const id = (asked += 1);
      port.postMessage({ id, body });
      const reply = await new Promise((resolve) => waiting.set(id, resolve));
      waiting.delete(id);
      return schema.parse(unpack(reply));
    },
  };
  const streams = new FollowedStreams();
  const { reader } = streams.follow(readersStream(0)).collections;
  reader.indexBy(({ state }) => state);
  reader.onRemoved(() => undefined);
  const metrics = new Metrics({ service: 'bench' });
  const replicas = new Replicas(
    streams,
    /** @type {any} */ (amqp),
    'bench',
    new Health(),
    metrics,
    systemClock,
    logger,
  );
  replicas.onModuleInit();
  replicas.onApplicationBootstrap();
  const results = [];
  for (const name of ['first snapshot', 'snapshot over an earlier one']) {
    watch();
    const startedAt = performance.now();
    subscription.onInactive();
    subscription.onActive();
    while (!replicas.of(/** @type {any} */ (stream)).isInStep) await wait(1);
    const ms = performance.now() - startedAt;
    await wait(500);
    delay.disable();
    results.push({ name, ms, delay: measured(), heapBytes: heapBytes() - before });
  }
  port.postMessage({ end: true });
  parentPort?.postMessage(results);
}

await (role === 'owner' ? own() : follow());
