// @ts-check
import { exchanges } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { createLogger, Metrics, systemClock } from '@signalbox/platform';
import { testBroker } from '@signalbox/testing';
import { connect } from 'amqplib';
import { compare, median, report } from './measure.mjs';

const { Fleet } = await import(new URL('../../apps/datasource-sync/dist/fleet/fleet.js', import.meta.url).href);
const { PublishingMetrics } = await import(
  new URL('../../apps/datasource-sync/dist/publishing/publishing.metrics.js', import.meta.url).href
);

/** @typedef {import('@signalbox/messaging').BatchPublisher} BatchPublisher */
/** @typedef {import('../../apps/datasource-sync/dist/work/assignment.js').Assignment} Assignment */

const COUNT = 20_000;
const IN_FLIGHT = 1_000;
const exchange = exchanges.changes.name;
const WORKER = {
  module: new URL('changes-worker.mjs', import.meta.url),
  readable: ['../../apps/datasource-sync/', '../../libs/', '../../node_modules/'].map(
    (path) => new URL(path, import.meta.url),
  ),
};
const logger = createLogger({ name: 'bench', level: 'error' });
const content = Buffer.from(JSON.stringify({ pad: 'x'.repeat(190) }));

/** Changes of 200 bytes from a worker of datasource-sync to RabbitMQ, beside publishing the same messages with plain amqplib. */
export async function* changes() {
  const broker = await testBroker();
  const connection = await connect(broker.url);
  const channel = await connection.createConfirmChannel();
  const amqp = new Amqp({
    url: broker.url,
    name: 'bench',
    logger,
    topology: {
      exchanges: [exchanges.changes, exchanges.deadLetters],
      queues: [{ name: 'sink', durable: true, arguments: { 'x-max-length': 10_000 } }],
      bindings: [{ exchange, queue: 'sink', key: '#' }],
    },
    deadLetters: { exchange: exchanges.deadLetters.name },
  });
  const { batchPublisher } = amqp;
  await amqp.open();
  const published = new Fed(batchPublisher);
  const handedOver = new Fed({ publishAll: async () => undefined });
  await Promise.all([published.run(1), handedOver.run(1)]);

  yield* report(
    'changes of 200 bytes; CPU of the process that publishes',
    await compare(
      [
        { name: `amqplib, confirm channel, ${IN_FLIGHT} in flight`, run: (count) => publishRaw(channel, count) },
        { name: 'from a worker to RabbitMQ', run: (count) => published.run(count) },
        { name: 'from a worker, not published', run: (count) => handedOver.run(count) },
      ],
      COUNT,
    ),
  );
  yield `  CPU of the worker besides: ${published.workerUs().toFixed(1)} µs a change, with making the change`;
  await Promise.all([published.fleet.stop(), handedOver.fleet.stop()]);
  await amqp.close();
  await connection.close();
  await broker.remove();
}

/** A fleet with one datasource, whose worker publishes when it gets a new version of its assignment. */
class Fed {
  version = 0;
  /** @type {number[]} CPU time of the worker after each run, µs */
  cpu = [];
  /** @type {((assignment: Assignment) => void)[]} */
  assigned = [];
  /** @type {Assignment[]} */
  current = [];
  done = () => undefined;

  /** @param {BatchPublisher} publisher */
  constructor(publisher) {
    this.fleet = new Fleet({
      held: {
        onAssigned: (/** @type {(assignment: Assignment) => void} */ listener) => void this.assigned.push(listener),
        onReleased: () => undefined,
        current: () => this.current,
        isHeld: () => true,
      },
      records: {
        report: () => undefined,
        attempt: (
          /** @type {string} */ _id,
          /** @type {number} */ _fence,
          /** @type {{ duration_ms: number }} */ { duration_ms: cpu },
        ) => {
          this.cpu.push(cpu);
          this.done();
        },
        savePosition: async () => undefined,
        released: () => undefined,
      },
      clock: systemClock,
      logger,
      publishing: { publisher, metrics: new PublishingMetrics(new Metrics({ service: 'bench' })) },
      limits: { size: { direct: 8, endpoint: 8 }, workers: 4, calmMs: 1 },
      worker: WORKER,
      workerMemoryBytes: 2 ** 29,
      onDeath: (/** @type {string} */ reason) => {
        throw new Error(`the worker died: ${reason}`);
      },
    });
    this.fleet.start();
  }

  /** @param {number} count @returns {Promise<void>} */
  run(count) {
    this.version += 1;
    /** @type {Assignment} */
    const assignment = {
      id: 'dse_bench',
      fence: 1,
      version: this.version,
      livemode: false,
      targets: { allowLoopback: true, allowPrivate: true },
      task: 'follow',
      position: null,
      generation: 0,
      connection: 'endpoint',
      source: { url: String(count), signingKeys: [] },
      pollIntervalMs: 1_000,
    };
    this.current = [assignment];
    return new Promise((resolve) => {
      this.done = () => {
        resolve();
      };
      for (const listener of this.assigned) listener(assignment);
    });
  }

  /** Median CPU time of the worker for a change. */
  workerUs() {
    const runs = this.cpu.slice(1).map((cpu, index) => (cpu - (this.cpu[index] ?? 0)) / COUNT);
    return median(runs.slice(1));
  }
}

/** @param {import('amqplib').ConfirmChannel} channel @param {number} count @returns {Promise<void>} */
function publishRaw(channel, count) {
  return new Promise((resolve) => {
    let sent = 0;
    let confirmed = 0;
    const fill = () => {
      for (; sent < count && sent - confirmed < IN_FLIGHT; sent += 1)
        channel.publish(
          exchange,
          'dse_bench.public.items.insert',
          content,
          {
            messageId: `dse_bench:0/16B3748:${sent}`,
            type: 'datasource.change',
            contentType: 'application/json',
            persistent: true,
          },
          onConfirm,
        );
    };
    const onConfirm = () => {
      confirmed += 1;
      if (confirmed === count) resolve();
      else if (sent - confirmed <= IN_FLIGHT / 2) fill();
    };
    fill();
  });
}
