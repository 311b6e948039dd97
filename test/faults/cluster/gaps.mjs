// @ts-check
import { setTimeout as wait } from 'node:timers/promises';

/** Each gateway shows a heartbeat at most a second late: of readers with one a second none is missed. */
const EVERY_MS = 400;
const PAGE = 1_000;

/** @typedef {{ fault: string, isLoaded: boolean, gatewayUrls: string[], adminKey: string }} Watched */

/** How long each gateway saw no new heartbeat of a reader, by fault: from `GET /v1/readers`, whose times have milliseconds. */
export class Gaps {
  #stopped = false;
  /** The longest gap of each reader, ms. @type {Map<string, Map<string, number>>} */
  #byFault = new Map();
  /** @type {Promise<void>[]} */
  #loops;

  /** @param {Watched} watched */
  constructor(watched) {
    this.watched = watched;
    this.#loops = watched.gatewayUrls.map((url) => this.#follow(url));
  }

  async stop() {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  /** @param {string} url */
  async #follow(url) {
    /** The newest heartbeat of each reader, Unix ms. @type {Map<string, number>} */
    const newest = new Map();
    for (; !this.#stopped; await wait(EVERY_MS)) {
      const { fault, isLoaded } = this.watched;
      const readers = await this.#readersAt(url).catch(() => []);
      if (!isLoaded) continue;
      const longest = this.#byFault.get(fault) ?? new Map();
      this.#byFault.set(fault, longest);
      for (const { reader_id: reader, last_heartbeat_at: at } of readers) {
        const before = newest.get(reader) ?? at;
        if (at > before) longest.set(reader, Math.max(longest.get(reader) ?? 0, at - before));
        newest.set(reader, Math.max(before, at));
      }
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

  /** Markdown: the longest gap of each fault, and at how many readers it was more than 2 s. */
  *table() {
    yield '| fault | longest time without a heartbeat of a reader | readers with more than 2 s |';
    yield '|---|--:|--:|';
    for (const [fault, gaps] of this.#byFault) {
      const all = [...gaps.values()];
      const longest = (Math.max(0, ...all) / 1_000).toFixed(2);
      yield `| ${fault} | ${longest} s | ${all.filter((gap) => gap > 2_000).length} of ${all.length} |`;
    }
  }
}
