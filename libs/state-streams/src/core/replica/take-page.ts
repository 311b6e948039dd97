import type { ReplicaPage } from './replica-input.js';
import { putEntry } from '../entries.js';
import { install } from './install-snapshot.js';
import type { ReplicaEffect } from './replica-effect.js';
import { emptyVersions, type Assembly, type SyncingReplica } from './replica-state.js';
import { startOver } from './resync.js';
import { seeEpoch } from './see-epoch.js';
import { stay, type ReplicaStep } from './step-result.js';

/** The owner makes further pages while one travels and is read here. */
const REQUESTED_AT_ONCE = 4;

/** Adds a page to the snapshot and requests further ones, or has the snapshot shown after the last page. */
export function takePage(before: SyncingReplica, page: ReplicaPage): ReplicaStep {
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
  for (const { key, version } of page.entries) putEntry(assembly.content, key, version);
  assembly.received.add(page.page);
  const assembled = { type: 'assembled', entries: page.entries, isFirst: state.assembly === undefined } as const;
  if (assembly.received.size >= assembly.pages) {
    const { state: next, effects } = install(state, assembly);
    return { state: next, effects: [assembled, ...effects] };
  }
  const { assembly: grown, effects } = request(assembly);
  return { state: { ...state, assembly: grown }, effects: [...effects, assembled] };
}

/** Requests as many pages as may be under way. */
function request(assembly: Assembly): { assembly: Assembly; effects: readonly ReplicaEffect[] } {
  const { snapshotId, pages, received, nextRequest } = assembly;
  const end = Math.min(pages, received.size + REQUESTED_AT_ONCE);
  const effects: ReplicaEffect[] = [];
  for (let page = nextRequest; page < end; page += 1) effects.push({ type: 'request-page', snapshotId, page });
  return { assembly: { ...assembly, nextRequest: end }, effects };
}

function isRepeated({ assembly }: SyncingReplica, { snapshot_id: id, page }: ReplicaPage): boolean {
  return assembly !== undefined && id === assembly.snapshotId && assembly.received.has(page);
}

/** By the first page, which alone is requested before the snapshot has an id. */
function begin({ snapshot_id: snapshotId, epoch, seq, pages }: ReplicaPage): Assembly {
  return { snapshotId, epoch, seq, pages, nextRequest: 1, received: new Set(), content: emptyVersions() };
}

function continues(assembly: Assembly, page: ReplicaPage): boolean {
  return (
    page.snapshot_id === assembly.snapshotId &&
    page.epoch === assembly.epoch &&
    page.seq === assembly.seq &&
    page.pages === assembly.pages &&
    page.page < assembly.nextRequest
  );
}
