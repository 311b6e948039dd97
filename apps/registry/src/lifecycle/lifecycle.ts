import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { registryStream, type RegistryService } from '@signalbox/contracts/streams';
import { recordKeyChange, SealedBody } from '@signalbox/nest-service';
import { Database, type StreamTransaction } from '@signalbox/persistence';
import { CLOCK, type Clock } from '@signalbox/platform';
import { ServiceRow } from '../tree/persistence/service.row.js';

const OUTBOX_CHECK_MS = 20;

/** `frozenBecause`: the file and why; null where nothing is frozen, or not known yet. */
type Current = Pick<ServiceRow, 'state' | 'frozen' | 'frozenBecause'>;

/** The state of this process (initializing, serving, draining), and its entry in the stream. */
@Injectable()
export class Lifecycle {
  private readonly instance = randomUUID();
  private current: Current = { state: 'initializing', frozen: true, frozenBecause: null };

  constructor(
    private readonly database: Database,
    private readonly bodies: SealedBody,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  get now(): Readonly<Current> {
    return this.current;
  }

  /**
   * Makes this process the one that publishes the state of the registry, and publishes `initializing`.
   * @param frozenBecause the file and why; undefined: the configuration is not frozen
   * @returns whether a tree was loaded before
   */
  async begin(frozenBecause: string | undefined): Promise<{ hasLoaded: boolean }> {
    const frozen = frozenBecause !== undefined;
    this.current = { state: 'initializing', frozen, frozenBecause: frozenBecause ?? null };
    const { result } = await this.database.streamTransaction(registryStream.name, async (transaction) => {
      const { manager } = transaction;
      const before = await manager.findOneBy(ServiceRow, { id: 1 });
      const hasLoaded = before?.hasLoaded ?? false;
      const row: ServiceRow = {
        id: 1,
        ...this.current,
        publicKey: this.bodies.publicKey,
        instance: this.instance,
        hasLoaded,
      };
      await manager.upsert(ServiceRow, row, ['id']);
      transaction.put(registryStream.entries.service.key(), entryOf(row));
      this.recordKey(transaction, before?.publicKey, row);
      return { hasLoaded };
    });
    return result;
  }

  /** Publishes `serving`. `hasLoaded`: the configuration file has been loaded. A draining process stays draining. */
  async serve({ hasLoaded }: { hasLoaded: boolean }): Promise<void> {
    if (this.current.state === 'draining') return;
    await this.publish({ state: 'serving', hasLoaded });
    if (this.current.state === 'initializing') this.current = { ...this.current, state: 'serving' };
  }

  /** Refuses writes from now on. Resolves when the state has been published, or when the signal is aborted. */
  async drain(patience: AbortSignal): Promise<void> {
    this.current = { ...this.current, state: 'draining' };
    await this.publish({ state: 'draining' });
    while (!patience.aborted && (await this.hasUnpublished())) await wait(OUTBOX_CHECK_MS);
  }

  private async hasUnpublished(): Promise<boolean> {
    const rows = await this.database.dataSource.query<unknown[]>('SELECT 1 FROM outbox WHERE stream = $1 LIMIT 1', [
      registryStream.name,
    ]);
    return rows.length > 0;
  }

  /** Publishes the key that senders are to seal bodies with from now on. */
  async publishKey(): Promise<void> {
    await this.publish({ publicKey: this.bodies.publicKey });
  }

  /** Does nothing where another process has taken over. */
  private async publish(change: Partial<ServiceRow>): Promise<void> {
    await this.database.streamTransaction(registryStream.name, async (transaction) => {
      const { manager } = transaction;
      const row = await manager.findOne(ServiceRow, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } });
      if (row?.instance !== this.instance) return;
      const before = row.publicKey;
      const next = await manager.save(ServiceRow, Object.assign(row, change));
      transaction.put(registryStream.entries.service.key(), entryOf(next));
      this.recordKey(transaction, before, next);
    });
  }

  private recordKey(transaction: StreamTransaction, before: string | undefined, { publicKey }: ServiceRow): void {
    recordKeyChange(transaction, { service: 'registry', before, publicKey, at: this.clock.now() });
  }
}

const entryOf = ({ state, frozen, publicKey, frozenBecause }: ServiceRow): RegistryService => ({
  state,
  frozen,
  public_key: publicKey,
  ...(frozenBecause !== null && { frozen_because: frozenBecause }),
});
