// @ts-check
import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 400;
const PAGE = 1_000;

/** @typedef {{ fault: string, isLoaded: boolean, gatewayUrls: string[], adminKey: string, onReceived: (message: { reader: string, at: number }) => void }} Watched */

/** The longest times between two heartbeats of a reader, ms, by fault. */
class Longest {
  /** @type {Map<string, Map<string, number>>} */
  #byFault = new Map();
  /** The newest heartbeat of each reader, Unix ms. @type {Map<string, number>} */
  #newest = new Map();

  /** @param {string} fault @param {string} reader @param {number} at */
  note(fault, reader, at) {
    const before = this.#newest.get(reader) ?? at;
    this.#newest.set(reader, Math.max(before, at));
    const longest = this.#byFault.get(fault) ?? new Map();
    this.#byFault.set(fault, longest);
    longest.set(reader, Math.max(longest.get(reader) ?? 0, at - before));
  }

  /** @param {string} fault */
  of(fault) {
    return Math.max(0, ...(this.#byFault.get(fault)?.values() ?? []));
  }

  faults() {
    return this.#byFault.keys();
  }
}

/**
 * How long reader-heartbeat decoded no heartbeat of a reader, and how long a gateway showed no new one: from `GET /v1/readers`, whose times
 * have milliseconds. Gateways get the last heartbeat of each second, so that up to 2 s are no sign of a loss there.
 */
export class Gaps {
  #stopped = false;
  /** By the first reader of each message. */
  #received = new Longest();
  #shown = new Longest();
  /** @type {Promise<void>[]} */
  #loops;

  /** @param {Watched} watched */
  constructor(watched) {
    this.watched = watched;
    watched.onReceived = ({ reader, at }) => {
      if (watched.isLoaded) this.#received.note(watched.fault, reader, at);
    };
    this.#loops = watched.gatewayUrls.map((url) => this.#follow(url));
  }

  async stop() {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** @param {string} url */
  async #follow(url) {
    for (; !this.#stopped; await wait(EVERY_MS)) {
      const { fault, isLoaded } = this.watched;
      const readers = await this.#readersAt(url).catch(() => []);
      if (!isLoaded) continue;
      for (const { reader_id: reader, last_heartbeat_at: at } of readers)
        this.#shown.note(fault, `${url} ${reader}`, at);
    }
  }

  /** @param {string} url @returns {Promise<{ reader_id: string, last_heartbeat_at: number }[]>} */
  async #readersAt(url) {
    const found = [];
    for (let cursor = ''; ;) {
      const response = await fetch(`${url}/v1/readers?limit=${PAGE}${cursor}`, {
        headers: { 'x-api-key': this.watched.adminKey },
        signal: AbortSignal.timeout(5_000),
      });
      const { data, next_cursor: next } = await response.json();
      found.push(...data);
      if (next === null) return found;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
  }

  /** Markdown. */
  *table() {
    const seconds = (/** @type {number} */ ms) => `${(ms / 1_000).toFixed(2)} s`;
    yield '| fault | longest time without a heartbeat of a reader at reader-heartbeat | at a gateway |';
    yield '|---|--:|--:|';
    for (const fault of this.#shown.faults())
      yield `| ${fault} | ${seconds(this.#received.of(fault))} | ${seconds(this.#shown.of(fault))} |`;
  }
}
