// @ts-check
// The broker's side of AMQP 0-9-1, as far as a stand-in for it needs it. amqplib encodes and decodes for both sides.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
/** It exports no more than its client. */
export const defs = require(join(dirname(require.resolve('amqplib')), 'lib/defs.js'));

const [METHOD, HEADER, BODY, HEARTBEAT] = [1, 2, 3, 8];
const HEADER_BYTES = 7;
const END = 0xce;

/** @typedef {{ properties: object, body: Buffer }} Content */
/** @typedef {{ channel: number, id: number, fields: any, content: Content | undefined }} Method with the content of a message that is published */

/** The id of the method that answers this one; undefined: none does. @param {number} id @returns {number | undefined} */
export const replyTo = (id) => defs[`${defs.info(id).name}Ok`];

/** @param {number} channel @param {number} id @param {object} fields @returns {Buffer} */
export const methodFrame = (channel, id, fields) => defs.encodeMethod(id, channel, fields);

export const heartbeatFrame = () => frame(HEARTBEAT, 0, Buffer.alloc(0));

/** @param {number} channel @param {Content} content @returns {Buffer[]} */
export const contentFrames = (channel, { properties, body }) => [
  defs.encodeProperties(defs.BasicProperties, channel, body.length, properties),
  frame(BODY, channel, body),
];

/** @param {number} type @param {number} channel @param {Buffer} payload */
function frame(type, channel, payload) {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([END])]);
}

/** Reads the methods that a client sends. */
export class MethodReader {
  #rest = Buffer.alloc(0);
  /** A message whose content is not complete, by its channel. @type {Map<number, { method: Method, size: number, properties: object, parts: Buffer[] }>} */
  #publishing = new Map();

  /** @param {Buffer} bytes @returns {Iterable<Method>} */
  *read(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= HEADER_BYTES) {
      const size = this.#rest.readUInt32BE(3);
      if (this.#rest.length < HEADER_BYTES + size + 1) return;
      const [type, channel] = [this.#rest.readUInt8(0), this.#rest.readUInt16BE(1)];
      const payload = this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + size);
      this.#rest = this.#rest.subarray(HEADER_BYTES + size + 1);
      const method = this.#take(type, channel, payload);
      if (method !== undefined) yield method;
    }
  }

  /** @param {number} type @param {number} channel @param {Buffer} payload @returns {Method | undefined} */
  #take(type, channel, payload) {
    if (type === METHOD) {
      const id = payload.readUInt32BE(0);
      const method = { channel, id, fields: defs.decode(id, payload.subarray(4)), content: undefined };
      if (id !== defs.BasicPublish) return method;
      this.#publishing.set(channel, { method, size: 0, properties: {}, parts: [] });
    }
    const message = this.#publishing.get(channel);
    if (message === undefined) return undefined;
    if (type === HEADER) {
      message.size = Number(payload.readBigUInt64BE(4));
      message.properties = defs.decode(defs.BasicProperties, payload.subarray(12));
    }
    if (type === BODY) message.parts.push(Buffer.from(payload));
    const body = Buffer.concat(message.parts);
    if (type === METHOD || body.length < message.size) return undefined;
    this.#publishing.delete(channel);
    return { ...message.method, content: { properties: message.properties, body } };
  }
}
