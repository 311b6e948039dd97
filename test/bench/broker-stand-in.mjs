// @ts-check
// Loaded into a measured process before its own code (`--import`): connections to this port are not opened, but answered here, in the same
// process. So deliveries come in reads of a fixed size. A broker sends them in chunks whose size changes with its load, and with it what they cost.
import net from 'node:net';
import { Duplex } from 'node:stream';
import { defs, contentFrames, heartbeatFrame, methodFrame, MethodReader, replyTo } from './amqp-frames.mjs';

/** No process can listen there. */
const STAND_IN_PORT = 1;

const HEARTBEATS = 'signalbox.heartbeats';
/** Clients ask for heartbeats of AMQP of five seconds. */
const HEARTBEAT_MS = 2_000;

const START = {
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: {},
  mechanisms: Buffer.from('PLAIN'),
  locales: Buffer.from('en_US'),
};
/** What the replies to all methods need. */
const REPLY = { channelMax: 2_047, frameMax: 131_072, heartbeat: 0, messageCount: 0, consumerCount: 0 };

/** @typedef {import('./amqp-frames.mjs').Content} Content */
/** @typedef {{ bytes: Buffer, tags: number[] }} Chunk deliveries that come in one read; `tags`: where the delivery tag of each is */

/** @type {Set<Connection>} */
const connections = new Set();

const BEATS_QUEUE = /^(raw\.beats|reader-heartbeat\.partition\.0)$/;

/** The consumer of the heartbeats of readers. */
export const beatsConsumer = () =>
  [...connections].flatMap(({ channels }) => [...channels.values()]).find(({ queue }) => BEATS_QUEUE.test(queue));

/** A connection of amqplib. Whatever it declares or publishes is taken. */
class Connection extends Duplex {
  /** @type {Map<number, Channel>} */
  channels = new Map();
  #reader = new MethodReader();

  constructor() {
    super();
    connections.add(this);
    this.once('close', () => connections.delete(this));
    setInterval(() => this.push(heartbeatFrame()), HEARTBEAT_MS).unref();
  }

  setNoDelay() {}
  setKeepAlive() {}
  setTimeout() {}

  /** @override */
  _read() {}

  /** @override @param {Buffer} bytes @param {string} _encoding @param {() => void} done */
  _write(bytes, _encoding, done) {
    if (bytes.toString('latin1', 0, 4) === 'AMQP') this.push(methodFrame(0, defs.ConnectionStart, START));
    else for (const method of this.#reader.read(bytes)) this.#take(method);
    done();
  }

  /** @param {import('./amqp-frames.mjs').Method} method */
  #take(method) {
    const { channel, id } = method;
    if (id === defs.ConnectionStartOk) return void this.push(methodFrame(0, defs.ConnectionTune, REPLY));
    if (!this.channels.has(channel)) this.channels.set(channel, new Channel(this, channel));
    this.channels.get(channel)?.take(method);
    if (id === defs.ChannelClose) this.channels.delete(channel);
  }
}

class Channel {
  /** That it consumes. */
  queue = '';
  prefetch = Infinity;
  /** Tags of the last delivery, and of the last one that is acknowledged. */
  delivered = 0;
  acknowledged = 0;
  #consumerTag = '';
  #isNoAck = false;
  #published = 0;
  #connection;
  #number;

  /** @param {Connection} connection @param {number} number */
  constructor(connection, number) {
    this.#connection = connection;
    this.#number = number;
  }

  /** Whether so many more deliveries are permitted. @param {number} count */
  hasRoomFor(count) {
    return this.#isNoAck || this.delivered + count - this.acknowledged <= this.prefetch;
  }

  get isAcknowledged() {
    return this.#isNoAck || this.acknowledged === this.delivered;
  }

  /** @param {import('./amqp-frames.mjs').Method} method */
  take({ id, fields, content }) {
    if (id === defs.BasicPublish) this.#takePublished(fields, content);
    if (id === defs.BasicAck) this.acknowledged = Math.max(this.acknowledged, fields.deliveryTag);
    if (id === defs.BasicQos) this.prefetch = fields.prefetchCount;
    if (id === defs.BasicConsume) {
      this.queue = fields.queue;
      this.#isNoAck = fields.noAck;
      this.#consumerTag = fields.consumerTag || `consumer-${this.#number}`;
    }
    const reply = replyTo(id);
    if (reply !== undefined) this.#send(reply, { ...REPLY, queue: fields.queue ?? '', consumerTag: this.#consumerTag });
  }

  /** @param {readonly Content[]} messages @returns {Chunk} */
  encode(messages) {
    const fields = { redelivered: false, exchange: HEARTBEATS, routingKey: 'bench', deliveryTag: 0 };
    const method = methodFrame(this.#number, defs.BasicDeliver, { ...fields, consumerTag: this.#consumerTag });
    // Of a frame: seven bytes before the method, whose number has four; then the consumer's tag with its length.
    const tagAt = 7 + 4 + 1 + Buffer.byteLength(this.#consumerTag);
    const tags = [];
    const parts = [];
    let length = 0;
    for (const message of messages) {
      tags.push(length + tagAt);
      for (const part of [method, ...contentFrames(this.#number, message)]) {
        parts.push(part);
        length += part.length;
      }
    }
    return { bytes: Buffer.concat(parts), tags };
  }

  /** Delivers what was encoded, in one read. @param {Chunk} chunk */
  deliver({ bytes, tags }) {
    for (const at of tags) {
      this.delivered += 1;
      bytes.writeUInt32BE(this.delivered, at + 4);
    }
    this.#connection.push(bytes);
  }

  /** Canaries come back; all else is confirmed. @param {any} fields @param {Content | undefined} content */
  #takePublished({ exchange }, content) {
    const consumer = beatsConsumer();
    if (exchange === HEARTBEATS && content !== undefined) consumer?.deliver(consumer.encode([content]));
    this.#published += 1;
    this.#send(defs.BasicAck, { deliveryTag: this.#published, multiple: false });
  }

  /** @param {number} id @param {object} fields */
  #send(id, fields) {
    this.#connection.push(methodFrame(this.#number, id, fields));
  }
}

const connect = net.connect;
/** @type {any} */ (net).connect = (/** @type {any} */ options, /** @type {() => void} */ onConnect) => {
  if (options.port !== STAND_IN_PORT) return connect(options, onConnect);
  const connection = new Connection();
  setImmediate(onConnect);
  return connection;
};
