import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { registryStream, type RegistryService } from '@signalbox/contracts/streams';
import { Database } from '@signalbox/persistence';
import { SealedBody } from '../requests/sealed-body.js';
import { ServiceRow, type ServiceState } from '../tree/persistence/service.row.js';

const UNTOLD_CHECK_MS = 20;

/** Initializing, serving, draining: what this process may do, and what the stream says of the registry. */
@Injectable()
export class Lifecycle {
  private readonly instance = randomUUID();
  private current: { state: ServiceState; frozen: boolean } = { state: 'initializing', frozen: true };

  constructor(
    private readonly database: Database,
    private readonly bodies: SealedBody,
  ) {}

  get now(): Readonly<{ state: ServiceState; frozen: boolean }> {
    return this.current;
  }

  /** From now on this process speaks for the registry, which has not loaded anything yet. @returns whether it ever had */
  async begin(frozen: boolean): Promise<{ hasLoaded: boolean }> {
    this.current = { state: 'initializing', frozen };
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
      return { hasLoaded };
    });
    return result;
  }

  /** Everything is loaded that could be; `hasLoaded`: also what the file says. A process that is stopping stays at that. */
  async serve({ hasLoaded }: { hasLoaded: boolean }): Promise<void> {
    if (this.current.state === 'draining') return;
    await this.say({ state: 'serving', hasLoaded });
    if (this.current.state === 'initializing') this.current = { ...this.current, state: 'serving' };
  }

  /** No more writes from now on. Resolves when the gateways have been told, or when the signal says that it took too long. */
  async drain(patience: AbortSignal): Promise<void> {
    this.current = { ...this.current, state: 'draining' };
    await this.say({ state: 'draining' });
    while (!patience.aborted && (await this.hasUntold())) await wait(UNTOLD_CHECK_MS);
  }

  private async hasUntold(): Promise<boolean> {
    const rows = await this.database.dataSource.query<unknown[]>('SELECT 1 FROM outbox WHERE stream = $1 LIMIT 1', [
      registryStream.name,
    ]);
    return rows.length > 0;
  }

  /** Unless another process speaks for the registry by now. */
  private async say(change: Partial<ServiceRow>): Promise<void> {
    await this.database.streamTransaction(registryStream.name, async (transaction) => {
      const { manager } = transaction;
      const row = await manager.findOne(ServiceRow, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } });
      if (row?.instance !== this.instance) return;
      const next = await manager.save(ServiceRow, Object.assign(row, change));
      transaction.put(registryStream.entries.service.key(), entryOf(next));
    });
  }
}

const entryOf = ({ state, frozen, publicKey }: ServiceRow): RegistryService => ({
  state,
  frozen,
  public_key: publicKey,
});
