// @ts-check
// A worker for the benchmark: publishes as many changes as the URL of its endpoint says, and reports the CPU time of its process.

const { runWorker } = await import(
  new URL('../../apps/datasource-sync/dist/worker/run-worker.js', import.meta.url).href
);

const body = JSON.stringify({ pad: 'x'.repeat(190) });
const CHANGES = 1_000;
const UNDER_WAY = 4;

runWorker({
  endpoint: {
    /** @param {import('../../apps/datasource-sync/dist/work/assignment.js').EndpointAssignment} assignment @param {import('../../apps/datasource-sync/dist/work/follower.js').FollowerHost} host */
    follow({ id, source }, host) {
      const run = async () => {
        const count = Number(source.url);
        /** @type {Promise<void>[]} */
        const underWay = [];
        for (let next = 0; next < count; next += CHANGES) {
          const changes = Array.from({ length: Math.min(CHANGES, count - next) }, (_, index) => ({
            id: `${id}:0/16B3748:${next + index}`,
            key: 'public.items.insert',
            body,
          }));
          underWay.push(host.publish({ changes, position: next }));
          if (underWay.length >= UNDER_WAY) await underWay.shift();
        }
        await Promise.all(underWay);
        const { user, system } = process.cpuUsage();
        host.attempt({
          kind: 'poll',
          outcome: 'succeeded',
          duration_ms: Math.round(user + system),
          published: count,
          error: null,
        });
      };
      void run();
      return { stop: async () => undefined };
    },
    check: async () => {
      throw new Error('the benchmark checks nothing');
    },
  },
});
