// @ts-check
// The owner or the replica of a stream, in a worker with an event loop and a heap of its own; requests and replies travel as lines of JSON over TCP.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { readersEntries, readersStream } from '@signalbox/contracts/streams';
import { createLogger, Health, Metrics, systemClock } from '@signalbox/platform';
import { FollowedStreams, Replicas, StreamAnnouncer, StreamOwner } from '@signalbox/state-streams';

/** `port`: the owner listens on it. @type {{ role: 'owner' | 'replica', port: number, entries: number }} */
const { role, port, entries } = workerData;
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
const watch = async () => {
  // Until the collections before it are reported.
  await wait(50);
  delay.reset();
  delay.enable();
  longestGcMs = 0;
};

const LINE_END = 10;
/** @typedef {{ id?: number, body?: any, end?: true }} Message */
/** @param {import('node:net').Socket} socket @param {(message: Message) => unknown} take */
function receive(socket, take) {
  /** @type {Buffer[]} */
  let parts = [];
  socket.on('data', (data) => {
    let from = 0;
    for (let end = data.indexOf(LINE_END); end !== -1; end = data.indexOf(LINE_END, from)) {
      parts.push(data.subarray(from, end));
      const message = JSON.parse(Buffer.concat(parts).toString());
      parts = [];
      from = end + 1;
      take(message);
    }
    parts.push(data.subarray(from));
  });
}
/** @param {import('node:net').Socket} socket @param {Message} message */
const send = (socket, message) => void socket.write(`${JSON.stringify(message)}\n`);

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
  await watch();
  const server = createServer((socket) =>
    receive(socket, async ({ id, body, end }) => {
      if (end) return parentPort?.postMessage({ heapBytes: heap, delay: measured() });
      send(socket, { ...(id !== undefined && { id }), body: await answer({ body }) });
    }),
  );
  server.listen(0, '127.0.0.1', () =>
    parentPort?.postMessage({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }),
  );
}

async function follow() {
  const before = heapBytes();
  /** @type {Map<number, (reply: unknown) => void>} */
  const waiting = new Map();
  let asked = 0;
  const socket = connect(port, '127.0.0.1');
  receive(socket, ({ id = 0, body }) => waiting.get(id)?.(body));
  await once(socket, 'connect');
  /** @type {{ onActive: () => void, onInactive: () => void }} */
  let subscription = { onActive: () => undefined, onInactive: () => undefined };
  const amqp = {
    subscribe: (/** @type {any} */ options) => {
      subscription = options;
      return { close: async () => undefined };
    },
    request: async (/** @type {{ body: unknown, schema: import('zod').ZodType }} */ { body, schema }) => {
      const id = (asked += 1);
      send(socket, { id, body });
      const reply = await new Promise((resolve) => waiting.set(id, resolve));
      waiting.delete(id);
      return schema.parse(reply);
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
    await watch();
    const startedAt = performance.now();
    subscription.onInactive();
    subscription.onActive();
    while (!replicas.of(/** @type {any} */ (stream)).isInStep) await wait(1);
    const ms = performance.now() - startedAt;
    await wait(500);
    delay.disable();
    results.push({ name, ms, delay: measured(), heapBytes: heapBytes() - before });
  }
  send(socket, { end: true });
  parentPort?.postMessage(results);
}

await (role === 'owner' ? own() : follow());
