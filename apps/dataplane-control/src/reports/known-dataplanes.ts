import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { DataplaneReport } from '@signalbox/contracts/messages';
import { dataplaneStream, type DataplaneEntry } from '@signalbox/contracts/streams';
import { DeadMessage } from '@signalbox/messaging';
import { Database } from '@signalbox/persistence';
import { CLOCK, fence, type Clock, type KnownIncarnation } from '@signalbox/platform';
import { DataplaneRepository, INCARNATIONS_KEPT, type StoredDataplane } from '../dataplanes/dataplane.repository.js';

/** A report alone makes the queues of a dataplane and its place in the memory of every gateway. */
const MAX_DATAPLANES = 100;

interface Known extends KnownIncarnation {
  /** What the database holds; undefined until it is stored. */
  readonly entry: DataplaneEntry | undefined;
}

/** The dataplanes that have ever reported, with the incarnation of each whose reports count. */
@Injectable()
export class KnownDataplanes implements OnModuleInit {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly database: Database,
    private readonly dataplanes: DataplaneRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const stored of await this.dataplanes.all(this.database.dataSource.manager)) this.remember(stored);
  }

  /** Those that are stored. */
  get storedNames(): string[] {
    return [...this.known].flatMap(([name, { entry }]) => (entry ? [name] : []));
  }

  /**
   * Judges a report, once: from then on it is the latest of its dataplane.
   * @returns whether it counts @throws DeadMessage where there are too many dataplanes
   */
  accept({ dataplane, boot_id, seq }: DataplaneReport): boolean {
    const known = this.known.get(dataplane);
    const fencing = fence(known, { bootId: boot_id, seq });
    if (fencing === 'ended' || fencing === 'not-newer') return false;
    if (fencing === 'first' && this.known.size >= MAX_DATAPLANES)
      throw new DeadMessage(
        'too-many-dataplanes',
        `there are ${MAX_DATAPLANES} already; DELETE /v1/dataplanes/{name} removes one that does not report any more`,
      );
    const replaced = fencing === 'next' && known?.bootId ? [known.bootId] : [];
    const endedBoots = [...(known?.endedBoots ?? []), ...replaced].slice(-INCARNATIONS_KEPT);
    this.known.set(dataplane, { bootId: boot_id, seq, endedBoots, entry: known?.entry });
    return true;
  }

  /** It was removed. Its next report makes it known again. */
  forget(dataplane: string): void {
    this.known.delete(dataplane);
  }

  isStored({ dataplane, boot_id }: DataplaneReport): boolean {
    return this.known.get(dataplane)?.entry?.boot_id === boot_id;
  }

  /**
   * Stores the incarnation of an accepted report as the present one. What another process has stored meanwhile counts.
   * @returns false where this incarnation was replaced there already
   */
  async store({ dataplane: name, boot_id, engine }: DataplaneReport): Promise<boolean> {
    const { result } = await this.database.streamTransaction(dataplaneStream.name, async (transaction) => {
      const { manager } = transaction;
      await this.dataplanes.lock(transaction, name);
      const stored = await this.dataplanes.findStored(manager, name);
      if (stored?.incarnations.includes(boot_id)) return stored;
      const now = this.clock.now();
      const entry: DataplaneEntry = {
        name,
        boot_id,
        engine,
        first_seen_at: stored?.entry.first_seen_at ?? now,
        up_since: now,
      };
      await this.dataplanes.put(transaction, entry);
      return { entry, incarnations: [...(stored?.incarnations ?? []), boot_id] };
    });
    this.remember(result);
    return result.entry.boot_id === boot_id;
  }

  private remember({ entry, incarnations }: StoredDataplane): void {
    const known = this.known.get(entry.name);
    const replaced = incarnations.filter((bootId) => bootId !== entry.boot_id);
    const endedBoots = [...new Set([...replaced, ...(known?.endedBoots ?? [])])].slice(-INCARNATIONS_KEPT);
    // What was accepted while this was being stored stays, unless the database knows it as replaced.
    const isCurrent = known && known.bootId !== null && !replaced.includes(known.bootId);
    const { bootId, seq } = isCurrent ? known : { bootId: entry.boot_id, seq: null };
    this.known.set(entry.name, { bootId, seq, endedBoots, entry });
  }
}
