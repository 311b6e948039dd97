// @ts-check
// A worker whose followers do what the test writes into the URL of an endpoint, as JSON.
import { writeSync } from 'node:fs';
import { runWorker } from '../../dist/worker/run-worker.js';

/** @typedef {import('../../dist/work/follower.js').FollowerHost} FollowerHost */
/** @typedef {import('../../dist/work/assignment.js').EndpointAssignment} EndpointAssignment */

/** @type {unknown[]} */
const kept = [];

/** @type {Record<string, () => void>} */
const harm = {
  crash: () => {
    throw new Error('broken by the test');
  },
  eat: () => {
    for (;;) kept.push(Buffer.alloc(2 ** 22, 1));
  },
  // A frame that the program of a worker does not send.
  forge: () => {
    const message = Buffer.from(JSON.stringify({ message: { type: 'ended', session: 2 ** 40 } }));
    const header = Buffer.alloc(8);
    header.writeUInt32BE(message.length);
    writeSync(3, Buffer.concat([header, message]));
  },
};

/** @param {string} code @param {number} pid */
const reportOf = (code, pid) => ({
  sync: {
    state: /** @type {const} */ ('polling'),
    since: 1,
    snapshot: null,
    next_attempt_at: null,
    error: { code, message: String(pid) },
    fix: null,
  },
  freshness: { newest_change_at: 1, unknown_because: null, drained_at: null },
  position: null,
  stuck: null,
});

/** Publishes changes with the numbers behind its position, a batch after another. @param {EndpointAssignment} assignment @param {FollowerHost} host */
function follow({ id, source, position }, host) {
  const { total = 0, batch = 10, underWay = 4, body = 20, ends, does } = JSON.parse(source.url);
  let isStopped = false;
  let stored = Number(position ?? 0);

  async function publishAll() {
    let next = stored;
    /** @type {Promise<void>[]} */
    const open = [];
    while (next < total && !isStopped) {
      const count = Math.min(batch, total - next);
      const changes = Array.from({ length: count }, (_, index) => {
        const n = next + index;
        return { id: `${id}:${n}`, key: 'events.things.insert', body: JSON.stringify({ n, pad: 'x'.repeat(body) }) };
      });
      const end = (next += count);
      const published = host.publish({ changes, position: end }).then(() => {
        stored = end;
      });
      published.catch(() => undefined);
      open.push(published);
      if (open.length >= underWay) await open.shift();
    }
    await Promise.all(open);
    if (ends !== undefined) await host.publish({ changes: [], position: ends });
  }

  async function run() {
    host.report(reportOf('begun', process.pid));
    if (does !== undefined) setTimeout(/** @type {() => void} */ (harm[does]), 20);
    while (!isStopped) {
      try {
        await publishAll();
        if (stored >= total) return host.report(reportOf('done', process.pid));
      } catch (error) {
        host.report(reportOf(/** @type {{ code: string }} */ (error).code, process.pid));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
  void run();
  return {
    stop: async () => {
      isStopped = true;
    },
  };
}

runWorker({
  endpoint: {
    follow,
    check: async ({ source }) => {
      const { finds } = JSON.parse(source.url);
      if (finds === 'nothing') throw new Error('broken by the test');
      harm[finds]?.();
      return { outcome: 'ready', credentialsRefused: false, failures: [], advisories: [], duration_ms: process.pid };
    },
  },
});
