import { RETRYING_LONG, type DatasourceFacts, type DatasourceTrouble } from '@signalbox/component-status';
import type { DatasourceEntry } from '@signalbox/contracts/streams';
import type { Collection, CollectionIndex } from '@signalbox/state-streams';

type Trouble = DatasourceTrouble['trouble'];

/** The worst first. */
const TROUBLES: readonly Trouble[] = ['rejected', 'blocked', 'stuck', 'retrying'];

/** How many datasources there are, and what those in trouble fail with. Names none of them. */
export class DatasourceTroubles {
  private readonly byTrouble: CollectionIndex<DatasourceEntry>;
  private last: { readonly revision: number; readonly facts: DatasourceFacts } | undefined;

  constructor(private readonly datasources: Collection<DatasourceEntry>) {
    this.byTrouble = datasources.indexBy((entry) => TROUBLES.find((trouble) => isIn(entry, trouble)) ?? 'none');
  }

  /** Put together once a change: ten thousand may fail. */
  facts(): DatasourceFacts {
    const { revision } = this.datasources;
    if (this.last?.revision !== revision) this.last = { revision, facts: this.compose() };
    return this.last.facts;
  }

  private compose(): DatasourceFacts {
    return {
      total: this.datasources.size,
      troubles: TROUBLES.flatMap((trouble) =>
        [...this.byTrouble.get(trouble)].map((entry) => ({
          trouble,
          ...whatOf(entry, trouble),
          failures: entry.retry_count,
        })),
      ),
    };
  }
}

/** A pause is meant by a person, and whatever else is the matter can wait, except what costs the source its disk. */
function isIn({ status, paused, sync, stuck, retry_count }: DatasourceEntry, trouble: Trouble): boolean {
  if (trouble === 'blocked') return sync.state === 'blocked';
  if (paused) return false;
  if (trouble === 'rejected') return status === 'rejected';
  if (trouble === 'stuck') return stuck !== null;
  // One that is not followed yet is only checked again: its state is not `retrying`, and has no time.
  return sync.state === 'retrying' || retry_count >= RETRYING_LONG.failures;
}

/** With what, and since when. */
function whatOf(entry: DatasourceEntry, trouble: Trouble): Pick<DatasourceTrouble, 'code' | 'since'> {
  const { connection, created_at, setup, sync, stuck, last_error } = entry;
  if (trouble === 'rejected') {
    const code = setup.failures[0]?.item ?? last_error?.code ?? 'unknown';
    return { code, since: setup.checked_at ?? created_at };
  }
  if (trouble === 'stuck') return { code: connection, since: stuck?.since ?? sync.since };
  return { code: sync.error?.code ?? last_error?.code ?? 'unknown', since: sync.since };
}
