// @ts-check
import { connect } from 'amqplib';

const RECONNECT_MS = 250;
const HEARTBEAT_S = 5;

/** A process on which readers run: one connection, which is made again when it is lost. What is published meanwhile is lost. */
export class Host {
  /** @type {import('amqplib').Channel | undefined} */
  #channel;
  #isClosed = false;

  /** @param {{ url: string, name: string }} options `name`: also the routing key of what it publishes for several readers */
  constructor({ url, name }) {
    this.name = name;
    this.url = `${url}?heartbeat=${HEARTBEAT_S}`;
  }

  /** Resolves when it is connected for the first time. @returns {Promise<void>} */
  async open() {
    if (this.#isClosed) return;
    try {
      const connection = await connect(this.url, { timeout: 10_000 });
      const again = () => void this.#reopen();
      connection.on('error', () => undefined);
      connection.once('close', again);
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      channel.once('close', () => void connection.close().catch(() => undefined));
      this.#channel = channel;
    } catch {
      await this.#reopen();
    }
  }

  /** @param {{ key: string, body: object }} message @returns {boolean} false: it is lost */
  publish({ key, body }) {
    if (this.#channel === undefined) return false;
    try {
      this.#channel.publish('signalbox.heartbeats', key, Buffer.from(JSON.stringify(body)), {
        type: 'reader.heartbeat',
        contentType: 'application/json',
      });
      return true;
    } catch {
      return false;
    }
  }

  close() {
    this.#isClosed = true;
  }

  async #reopen() {
    this.#channel = undefined;
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS * (1 + 2 * Math.random())));
    await this.open();
  }
}
