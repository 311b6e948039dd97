// @ts-check
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'amqplib';
import { canonical } from './source.mjs';

const QUEUE = 'faults.changes';
const ACK_EVERY = 500;

/** @typedef {{ id: string, op: string, table: string, key: Record<string, unknown> | null, before: Record<string, unknown> | null, after: Record<string, unknown> | null, unchanged?: string[] }} Change */

/** Keeps a copy of the tables of a datasource from its changes alone, as docs/messages.md describes it for consumers. */
export class Consumer {
  delivered = 0;
  duplicates = 0;
  /** @type {string[]} */
  problems = [];
  /** @type {Map<string, Map<string, Record<string, unknown>>>} rows by key, by table */
  #tables = new Map();
  /** Rows of tables without a key: how often each stands there. @type {Map<string, Map<string, number>>} */
  #keyless = new Map();
  /** @type {Set<string>} */
  #handled = new Set();
  #stopped = false;
  /** @type {Promise<void> | undefined} */
  #running;
  /** @type {import('amqplib').ChannelModel | undefined} */
  #connection;

  /** @param {{ url: string, datasource: string }} options */
  constructor({ url, datasource }) {
    this.url = url;
    this.datasource = datasource;
  }

  /** Resolves when the queue is bound: what is published from then on is received. */
  async start() {
    await new Promise((resolve) => {
      this.#running = this.#run(() => resolve(undefined));
    });
  }

  async stop() {
    this.#stopped = true;
    await this.#connection?.close().catch(() => undefined);
    await this.#running;
  }

  /** @param {() => void} onBound */
  async #run(onBound) {
    while (!this.#stopped) {
      await this.#session(onBound).catch(() => undefined);
      await wait(200);
    }
  }

  /** @param {() => void} onBound */
  async #session(onBound) {
    const connection = await connect(this.url, { recovery: false });
    this.#connection = connection;
    connection.on('error', () => undefined);
    const ended = new Promise((resolve) => connection.once('close', resolve));
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.assertQueue(QUEUE, { durable: true });
    await channel.bindQueue(QUEUE, 'signalbox.changes', `${this.datasource}.#`);
    await channel.prefetch(4 * ACK_EVERY);
    /** @type {import('amqplib').Message | undefined} the last one that was handled and is not acknowledged */
    let last;
    let handled = 0;
    const acknowledge = () => {
      if (last) channel.ack(last, true);
      last = undefined;
      handled = 0;
    };
    const timer = setInterval(acknowledge, 500);
    void ended.then(() => clearInterval(timer));
    channel.once('close', () => clearInterval(timer));
    await channel.consume(QUEUE, (message) => {
      if (!message) return;
      this.#handle(JSON.parse(message.content.toString()));
      last = message;
      handled += 1;
      if (handled >= ACK_EVERY) acknowledge();
    });
    onBound();
    await ended;
  }

  /** @param {Change} change */
  #handle(change) {
    this.delivered += 1;
    if (this.#handled.has(change.id)) {
      this.duplicates += 1;
      return;
    }
    this.#handled.add(change.id);
    if (change.op === 'truncate') {
      this.#tables.delete(change.table);
      this.#keyless.delete(change.table);
    } else if (change.key === null) this.#applyKeyless(change);
    else this.#applyKeyed(change);
  }

  /** @param {Change} change */
  #applyKeyed({ id, op, table, key, before, after, unchanged = [] }) {
    const rows = this.#tables.get(table) ?? new Map();
    this.#tables.set(table, rows);
    const place = canonical(key);
    if (op === 'delete') return void rows.delete(place);
    if (after === null) return void this.problems.push(`${id} has no row after ${op}`);
    const former = rows.get(formerPlace(before, key) ?? place);
    for (const column of unchanged) after[column] = former?.[column];
    if (op === 'update') rows.delete(formerPlace(before, key) ?? place);
    rows.set(canonical(Object.fromEntries(Object.keys(key ?? {}).map((column) => [column, after[column]]))), after);
  }

  /** @param {Change} change */
  #applyKeyless({ id, op, table, before, after }) {
    const rows = this.#keyless.get(table) ?? new Map();
    this.#keyless.set(table, rows);
    if (before !== null && (op === 'update' || op === 'delete')) {
      const text = canonical(before);
      const times = rows.get(text) ?? 0;
      if (times === 0) this.problems.push(`${id}: ${op} of a row that is not there: ${text}`);
      else if (times === 1) rows.delete(text);
      else rows.set(text, times - 1);
    }
    if (after !== null) rows.set(canonical(after), (rows.get(canonical(after)) ?? 0) + 1);
  }

  /** In the form of `Source.rows`. @returns {Record<string, Map<string, number>>} */
  rows() {
    const count = (/** @type {Iterable<[string, number]>} */ texts) => {
      const counts = new Map();
      for (const [text, times] of texts) counts.set(text, (counts.get(text) ?? 0) + times);
      return counts;
    };
    const shaped = (/** @type {string} */ table, /** @type {(row: any) => object} */ shape) =>
      count([...(this.#tables.get(table)?.values() ?? [])].map((row) => [canonical(shape(row)), 1]));
    return {
      accounts: shaped('accounts', ({ id, owner, balance, opened, tags }) => ({
        id,
        owner,
        balance,
        opened: microseconds(opened),
        tags,
      })),
      orders: shaped('orders', ({ region, nr, amount, paid, details }) => ({ region, nr, amount, paid, details })),
      readings: count(
        [...(this.#keyless.get('readings') ?? [])].map(([text, times]) => {
          const { sensor, value, raw, at } = JSON.parse(text);
          return [canonical({ sensor, value, raw, at }), times];
        }),
      ),
    };
  }
}

/** Where the row stood before its key was changed. @param {Record<string, unknown> | null} before @param {Record<string, unknown> | null} key */
const formerPlace = (before, key) =>
  before === null || key === null || !Object.keys(key).every((column) => column in before)
    ? undefined
    : canonical(Object.fromEntries(Object.keys(key).map((column) => [column, before[column]])));

/** @param {string} iso with microseconds @returns {string} µs since 1970 */
function microseconds(iso) {
  const [, fraction = ''] = /\.(\d+)/.exec(iso) ?? [];
  const seconds = BigInt(Date.parse(iso.replace(/\.\d+/, ''))) * 1_000n;
  return String(seconds + BigInt(fraction.padEnd(6, '0')));
}
