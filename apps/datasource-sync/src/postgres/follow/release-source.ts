import { Backoff, wait } from '@signalbox/platform';
import type { DirectAssignment } from '../../work/assignment.js';
import type { Follower, FollowerHost } from '../../work/follower.js';
import { explain } from '../connect/explain.js';
import { openClient } from '../connect/open-client.js';
import { dropSlot } from './slot.js';

const BACKOFF = { minMs: 1_000, maxMs: 60_000 };

/** Drops the slot, and tries until it succeeds or is stopped. Each time it is reported what is left. The publication is the customer's own. */
export function releaseSource(assignment: DirectAssignment, host: FollowerHost): Follower {
  const stopping = new AbortController();
  const work = release(assignment, host, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await work;
    },
  };
}

async function release(assignment: DirectAssignment, host: FollowerHost, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(BACKOFF);
  const { slot } = assignment.source;
  while (!signal.aborted) {
    try {
      const line = await openClient(assignment, { signal });
      try {
        await dropSlot(line.client, slot, { evenRead: true });
      } finally {
        line.close();
      }
      return host.released(null);
    } catch (error) {
      if (signal.aborted) return;
      host.logger.info(
        { datasource: assignment.id, code: explain(error).code },
        'could not drop the slot of a deleted datasource',
      );
      host.released([`SELECT pg_drop_replication_slot('${slot}');`]);
      await wait({ clock: host.clock, ms: backoff.nextMs(), signal });
    }
  }
}
