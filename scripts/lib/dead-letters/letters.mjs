// @ts-check
import { deadLetterQueues } from '@signalbox/contracts/messages';
import { provenOrigin } from '@signalbox/contracts/rights';
import { connectToBroker, userOf } from '@signalbox/messaging';
import { earlierDeadLetterQueues, removeIfEmpty } from '../topology/remove-earlier.mjs';

/** Most letters of one queue that are looked at in one go. */
export const MOST = 1_000;

/**
 * @typedef {{ position: number, id: string, reason: string, detail: string, deadLetteredAt: string, sourceQueue: string,
 *   sourceExchange: string, sourceRoutingKey: string, sender: string, type: string, body: string, message: import('amqplib').GetMessage }} Letter
 */

/** How a replay ended; `refused`: it is not known to come from where it says. @typedef {{ queue: string } | { refused: string }} Replayed */

/** The dead letters, held by this connection while it reads them: what is not settled returns to its place. */
export class Letters {
  /** @type {import('amqplib').GetMessage[]} */
  #discarded = [];

  /**
   * @param {import('amqplib').ChannelModel} connection @param {import('amqplib').ConfirmChannel} channel @param {Letter[]} all
   * @param {{ user: string, earlier: string[] }} more `user`: who reads them; `earlier`: queues that are removed with their last letter
   */
  constructor(connection, channel, all, { user, earlier }) {
    this.user = user;
    this.earlier = earlier;
    this.connection = connection;
    this.channel = channel;
    this.all = all;
  }

  /** @param {string} url @returns {Promise<Letters>} the oldest of each queue first, at most `MOST` of each */
  static async open(url) {
    const connection = await connectToBroker(url);
    // The caller that waits for an answer receives the broker's reason; an event without a listener would end the process.
    connection.on('error', () => {});
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    /** @type {Letter[]} */
    const all = [];
    const earlier = await earlierDeadLetterQueues(connection);
    for (const name of [...earlier, ...deadLetterQueues.map((queue) => queue.name)])
      for (let taken = 0; taken < MOST; taken += 1) {
        const message = await channel.get(name);
        if (!message) break;
        all.push(letter(message, all.length + 1));
      }
    return new Letters(connection, channel, all, { user: userOf(url), earlier });
  }

  /** @param {string} wanted a position, an id or the beginning of one @returns {Letter | undefined} */
  find(wanted) {
    return (
      this.all.find(({ position, id }) => String(position) === wanted || id === wanted) ??
      this.all.find(({ id }) => id.startsWith(wanted))
    );
  }

  /**
   * Sends a letter back to the queue that it is known to come from; it is removed once the broker has it there.
   * @param {Letter} letter
   * @returns {Promise<Replayed>}
   */
  async replay({ message, reason, sourceExchange, sourceRoutingKey }) {
    const { contentType, type, messageId, correlationId, headers = {}, userId } = message.properties;
    const { exchange, routingKey } = message.fields;
    const claimed = { exchange: sourceExchange, routingKey: sourceRoutingKey };
    const origin = provenOrigin({ exchange, routingKey, user: userId, reason, claimed }, this.user);
    if ('unproven' in origin) return { refused: origin.unproven };
    let returned = false;
    const onReturn = () => (returned = true);
    this.channel.once('return', onReturn);
    // To the queue itself: another one may be bound in the same way. Its consumer believes this user, and where it says it was published.
    this.channel.publish('', origin.queue, message.content, {
      userId: this.user,
      contentType,
      type,
      messageId,
      correlationId,
      mandatory: true,
      persistent: true,
      // Its history ends here, and so does the time by which it was wanted: now it is wanted again. Further keys (CC) would take it into other
      // queues, in the name of this user.
      headers: {
        ...Object.fromEntries(
          Object.entries(headers).filter(([name]) => !/^(x-|origin-|b?cc$|deadline$|tries$)/i.test(name)),
        ),
        'origin-exchange': origin.published.exchange,
        'origin-routing-key': origin.published.routingKey,
        'origin-user': this.user,
      },
    });
    await this.channel.waitForConfirms();
    this.channel.off('return', onReturn);
    if (returned) return { refused: `there is no queue ${origin.queue}` };
    this.channel.ack(message);
    return { queue: origin.queue };
  }

  /** @param {Letter} letter */
  discard({ message }) {
    this.#discarded.push(message);
  }

  async close() {
    // At once where it is all of them: a quorum queue may not yet have many single ones when the channel is closed.
    if (this.#discarded.length > 0 && this.#discarded.length === this.all.length) this.channel.ackAll();
    else for (const message of this.#discarded) this.channel.ack(message);
    // Closing the channel first lets acknowledgements reach the broker and puts the rest back.
    await this.channel.close();
    for (const queue of this.earlier) await removeIfEmpty(this.connection, queue);
    await this.connection.close();
  }
}

/** @param {import('amqplib').GetMessage} message @param {number} position @returns {Letter} */
function letter(message, position) {
  const { messageId, type, headers = {}, userId, appId } = message.properties;
  return {
    position,
    id: messageId ?? '',
    ...('x-reason' in headers ? deadLetteredByService(headers) : deadLetteredByBroker(headers)),
    // A dead letter that a service published is signed by that service, and names the sender in a header.
    sender: 'x-reason' in headers ? textOf(headers['x-sender']) : (userId ?? appId ?? ''),
    type: type ?? '',
    body: message.content.toString(),
    message,
  };
}

/** @typedef {Pick<Letter, 'reason' | 'detail' | 'deadLetteredAt' | 'sourceQueue' | 'sourceExchange' | 'sourceRoutingKey'>} Origin */

/** @param {Record<string, unknown>} headers @returns {Origin} */
function deadLetteredByService(headers) {
  /** @param {string} name */
  const text = (name) => textOf(headers[name]);
  return {
    reason: text('x-reason'),
    detail: 'x-tries' in headers ? `${text('x-detail')} (tried ${text('x-tries')} times)` : text('x-detail'),
    deadLetteredAt: text('x-parked-at'),
    sourceQueue: text('x-source-queue'),
    sourceExchange: text('x-source-exchange'),
    sourceRoutingKey: text('x-source-routing-key'),
  };
}

/**
 * What a queue gave up: a process that took the message died each time. RabbitMQ keeps such a history in `x-death`, the newest first.
 * @param {Record<string, unknown>} headers @returns {Origin}
 */
function deadLetteredByBroker(headers) {
  /** @type {Record<string, any>[]} */
  const deaths = Array.isArray(headers['x-death']) ? headers['x-death'] : [];
  const [last = {}] = deaths;
  const reason = textOf(last.reason).replaceAll('_', '-');
  const seconds = last.time?.value;
  return {
    reason: reason || 'unknown',
    detail:
      reason === 'delivery-limit' ? 'each process that took it ended, or lost its connection, before it was done' : '',
    deadLetteredAt: typeof seconds === 'number' ? new Date(seconds * 1_000).toISOString() : '',
    sourceQueue: textOf(last.queue),
    sourceExchange: textOf(last.exchange),
    sourceRoutingKey: textOf(last['routing-keys']?.[0]),
  };
}

/** @param {unknown} value a header */
const textOf = (value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
