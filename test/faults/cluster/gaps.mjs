// @ts-check
/** @typedef {Record<string, { heartbeat_timestamp: number }>} Heartbeats of all readers, Unix s, as `GET /status` has them */

/** How long each gateway saw no new heartbeat of a reader, by fault. */
export class Gaps {
  /** The newest of each reader at each gateway, Unix s. @type {Map<string, number>} */
  #newest = new Map();
  /** The longest gap of each reader, s. @type {Map<string, Map<string, number>>} */
  #byFault = new Map();

  /** @param {{ fault: string, gateway: number, heartbeats: Heartbeats }} seen */
  see({ fault, gateway, heartbeats }) {
    const longest = this.#byFault.get(fault) ?? new Map();
    this.#byFault.set(fault, longest);
    for (const [reader, { heartbeat_timestamp: at }] of Object.entries(heartbeats)) {
      const key = `${gateway} ${reader}`;
      const before = this.#newest.get(key);
      if (before !== undefined && at > before) longest.set(reader, Math.max(longest.get(reader) ?? 0, at - before));
      this.#newest.set(key, at);
    }
  }

  /** Markdown: the longest gap of each fault, and at how many readers it was more than 2 s. */
  *table() {
    yield '| fault | longest time without a heartbeat of a reader | readers with more than 2 s |';
    yield '|---|--:|--:|';
    for (const [fault, gaps] of this.#byFault) {
      const all = [...gaps.values()];
      yield `| ${fault} | ${Math.max(0, ...all).toFixed(2)} s | ${all.filter((gap) => gap > 2).length} of ${all.length} |`;
    }
  }
}
