import type { SnapshotPage } from '@signalbox/contracts/streams';
import { StreamDigest } from '../digest.js';
import { putEntry } from '../entries.js';
import { install } from './install-snapshot.js';
import type { Assembly, SyncingReplica } from './replica-state.js';
import { startOver } from './resync.js';
import { seeEpoch } from './see-epoch.js';
import { stay, type ReplicaStep } from './step-result.js';

/** Adds a page to the snapshot and requests the next one, or shows the snapshot after the last page. */
export function takePage(before: SyncingReplica, page: SnapshotPage): ReplicaStep {
  if (isRepeated(before, page)) return stay(before);
  if (page.epoch < before.highestEpoch) return startOver(before, 'snapshot-outdated');
  const seen = seeEpoch(before, page.epoch);
  // The replica has started over, by this page or before it: the next request brings a page of its own.
  if (seen.state.awaits === 'retry') return seen;
  const state = seen.state;
  // Within an epoch, no earlier content is shown after a later one.
  if (page.epoch === state.epoch && page.seq < state.seq) return startOver(state, 'snapshot-outdated');
  const assembly = state.assembly ?? begin(page);
  if (!continues(assembly, page)) return startOver(state, 'snapshot-mixed');
  for (const entry of page.entries) putEntry(assembly.content, entry);
  const grown = { ...assembly, nextPage: page.page + 1 };
  if (grown.nextPage >= grown.pages) return install(state, grown);
  return {
    state: { ...state, assembly: grown },
    effects: [{ type: 'request-page', snapshotId: grown.snapshotId, page: grown.nextPage }],
  };
}

function isRepeated({ assembly }: SyncingReplica, page: SnapshotPage): boolean {
  return assembly !== undefined && page.snapshot_id === assembly.snapshotId && page.page < assembly.nextPage;
}

function begin({ snapshot_id: snapshotId, epoch, seq, pages }: SnapshotPage): Assembly {
  return { snapshotId, epoch, seq, pages, nextPage: 0, content: { entries: new Map(), digest: new StreamDigest() } };
}

function continues(assembly: Assembly, page: SnapshotPage): boolean {
  return (
    page.snapshot_id === assembly.snapshotId &&
    page.epoch === assembly.epoch &&
    page.seq === assembly.seq &&
    page.pages === assembly.pages &&
    page.page === assembly.nextPage
  );
}
