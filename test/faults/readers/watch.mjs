// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { exchanges, messageTypes } from '@signalbox/contracts/messages';
import { connect } from 'amqplib';

const EVERY_MS = 200;
const MAPS = /** @type {const} */ (['live_readers', 'loading_readers', 'dead_readers']);

/** Sees what a client of the gateway sees, five times a second, and each change that reader-heartbeat publishes. */
export class ReaderWatch {
  answers = 0;
  deltas = 0;
  /** When each reader was first seen dead in this round, Unix ms. @type {Map<string, { at: number, where: string }>} */
  dead = new Map();
  /** @type {Set<string>} */
  inTwoMaps = new Set();
  /** Readers that an answer did not show. @type {Set<string>} */
  missing = new Set();
  /** The last answer. @type {any} */
  status;
  #isStopped = false;
  /** @type {Promise<unknown>[]} */
  #loops;

  /** @param {import('./world.mjs').ReaderWorld} world */
  constructor(world) {
    this.world = world;
    this.#loops = [this.#read(), this.#follow()];
  }

  /** Forgets what was seen. */
  begin() {
    this.dead.clear();
    this.inTwoMaps.clear();
    this.missing.clear();
  }

  async stop() {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  /** @param {string} id @param {string} where */
  #sawDead(id, where) {
    if (!this.dead.has(id)) this.dead.set(id, { at: Date.now(), where });
  }

  async #read() {
    for (; !this.#isStopped; await wait(EVERY_MS)) {
      const status = await this.world.status();
      if (status === undefined) continue;
      this.answers += 1;
      this.status = status;
      for (const id of Object.keys(status.dead_readers)) this.#sawDead(id, 'GET /status');
      for (const id of this.world.ids) {
        const times = MAPS.filter((map) => id in status[map]).length;
        if (times > 1) this.inTwoMaps.add(id);
        if (times === 0) this.missing.add(id);
      }
    }
  }

  async #follow() {
    for (; !this.#isStopped; await wait(EVERY_MS)) {
      try {
        const connection = await connect(`${this.world.broker.directUrl}?heartbeat=5`);
        const closed = new Promise((resolve) => connection.once('close', resolve));
        connection.on('error', () => undefined);
        const channel = await connection.createChannel();
        const { queue } = await channel.assertQueue('', { exclusive: true });
        await channel.bindQueue(queue, exchanges.state.name, 'readers.*');
        await channel.consume(queue, (message) => this.#takeDelta(message), { noAck: true });
        while (!this.#isStopped && (await Promise.race([closed.then(() => false), wait(EVERY_MS, true)])));
        if (this.#isStopped) await connection.close().catch(() => undefined);
      } catch {
        // The broker is down.
      }
    }
  }

  /** @param {import('amqplib').ConsumeMessage | null} message */
  #takeDelta(message) {
    if (message?.properties.type !== messageTypes.delta) return;
    this.deltas += 1;
    for (const { value } of JSON.parse(message.content.toString()).changes)
      if (value?.state === 'dead') this.#sawDead(value.reader_id, 'a delta');
  }
}
