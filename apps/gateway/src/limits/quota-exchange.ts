import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { isUnavailable } from '@signalbox/persistence';
import { CLOCK, describeError, every, LOGGER, settlesWithin, type Clock, type Logger } from '@signalbox/platform';
import { endOf } from './hour.rules.js';
import type { KeyQuota, Settled } from './key-quota.rules.js';
import { QuotaRepository } from './quota.repository.js';
import { Quotas } from './quotas.js';

/** What was used is reported this soon, together with all other keys. */
const REPORT_AFTER_MS = 200;

/** How often the store is read: so old may be what this process knows of the use on others. */
const READ_EVERY_MS = 1_000;

/** From then on a store that has not answered counts as unavailable. */
const PATIENCE_MS = 2_000;

/** How a request that waited is answered; `unlimited`: the store is unavailable. */
export type WaitOutcome = 'admitted' | 'refused' | 'unlimited';

/**
 * Exchanges with the counter store: reports what was used, leases, gives back. One exchange at a time, for all keys that have
 * something to report, by a timer that exists only while there is something. No request waits for it, but for requests that come
 * while all of a key's lease is used up and the next one is on its way.
 */
@Injectable()
export class QuotaExchange implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly changed = new Set<KeyQuota>();
  private readonly prepared = new WeakSet<KeyQuota>();
  private readonly waiters = new Map<KeyQuota, ((outcome: WaitOutcome) => void)[]>();
  private running: Promise<void> | undefined;
  private planned: { readonly atMs: number; readonly cancel: () => void } | undefined;
  private stopReading = (): void => undefined;
  private failed = false;
  private isStopped = false;
  private deletedBefore = 0;

  constructor(
    private readonly quotas: Quotas,
    private readonly store: QuotaRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** False while the store is known to be unavailable, and from the stop on: then nothing is limited, and nothing may wait. */
  get isStoreUp(): boolean {
    return !this.failed && !this.isStopped;
  }

  /** Whether writes cannot be counted because the store does not answer. The last requests of a process that stops are let through. */
  get hasFailed(): boolean {
    return this.failed;
  }

  /** To be called after each request that was counted. */
  note(quota: KeyQuota): void {
    this.changed.add(quota);
    this.plan(quota.isUrgent ? 0 : REPORT_AFTER_MS);
  }

  /** The outcome of a request that has to wait, and was counted as waiting. */
  wait(quota: KeyQuota): Promise<WaitOutcome> {
    return new Promise((resolve) => {
      const waiters = this.waiters.get(quota);
      if (waiters === undefined) this.waiters.set(quota, [resolve]);
      else waiters.push(resolve);
      this.note(quota);
    });
  }

  onApplicationBootstrap(): void {
    this.stopReading = every({ clock: this.clock, ms: READ_EVERY_MS, atOnce: true, background: true }, async () => {
      await this.running;
      await this.run({ read: true });
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopReading();
    await settlesWithin({ clock: this.clock, ms: PATIENCE_MS }, this.giveBack());
    this.isStopped = true;
    this.planned?.cancel();
    // What came while the leases were given back: no further exchange settles it.
    for (const quota of this.waiters.keys()) this.release(quota);
  }

  /** Reports everything and gives all leases back. */
  private async giveBack(): Promise<void> {
    while (this.running !== undefined) await this.running;
    if (this.failed) return;
    for (const quota of this.quotas.leased) this.changed.add(quota);
    await this.run({ everything: true });
  }

  private plan(afterMs: number): void {
    // The next reading takes along what changes while the store is unavailable; the end of a run, what changes meanwhile.
    if (this.running !== undefined || this.failed || this.isStopped) return;
    const atMs = this.clock.monotonic() + afterMs;
    if (this.planned !== undefined && this.planned.atMs <= atMs) return;
    this.planned?.cancel();
    this.planned = { atMs, cancel: this.clock.schedule(afterMs, () => void this.run()) };
  }

  private run({ read = false, everything = false } = {}): Promise<void> {
    if (this.running !== undefined) return this.running;
    this.planned?.cancel();
    this.planned = undefined;
    this.running = this.exchange({ read, everything }).finally(() => {
      this.running = undefined;
      const { changed } = this;
      if (changed.size > 0) this.plan([...changed].some(({ isUrgent }) => isUrgent) ? 0 : REPORT_AFTER_MS);
    });
    return this.running;
  }

  /** Never rejects. */
  private async exchange({ read, everything }: { read: boolean; everything: boolean }): Promise<void> {
    const quotas = [...this.changed];
    this.changed.clear();
    const cancel = this.clock.schedule(PATIENCE_MS, () => this.fail(`no answer within ${PATIENCE_MS} ms`), {
      background: true,
    });
    try {
      if (quotas.length > 0) await this.lease(quotas, everything);
      if (read) await this.read();
      this.succeed();
    } catch (error) {
      this.fail(error);
    } finally {
      cancel();
    }
  }

  private async lease(quotas: readonly KeyQuota[], everything: boolean): Promise<void> {
    const unsettled = new Set(quotas);
    try {
      const missing = quotas.filter((quota) => !this.prepared.has(quota));
      if (missing.length > 0) await this.store.prepare(missing);
      for (const quota of missing) this.prepared.add(quota);
      const byId = new Map(quotas.map((quota) => [idOf(quota), quota]));
      const replies = await this.store.lease(quotas.map((quota) => quota.plan({ everything })));
      for (const { granted, ...row } of replies) {
        const quota = byId.get(idOf(row))!;
        unsettled.delete(quota);
        this.answer(quota, quota.settle(row, granted));
        // What waited is used now.
        if (quota.hasNews) this.changed.add(quota);
      }
    } finally {
      for (const quota of unsettled) this.abandon(quota);
    }
  }

  private async read(): Promise<void> {
    const windowStart = this.quotas.beginOfHour();
    for (const quota of this.quotas.update(await this.store.readAll(windowStart))) this.changed.add(quota);
    if (this.deletedBefore === windowStart) return;
    // The hour before stays for a process whose clock is behind.
    this.deletedBefore = windowStart;
    await this.store.deleteBefore(2 * windowStart - endOf(windowStart)).catch((error: unknown) => {
      // Tidying up is not what the limits depend on: the next hour tries again.
      this.logger.warn({ err: error }, 'counts of past hours were not deleted');
    });
  }

  /** The store has not answered for this key: its row is missing, or nothing is known. */
  private abandon(quota: KeyQuota): void {
    quota.fail();
    this.release(quota);
    this.prepared.delete(quota);
    // What an hour that is over has used is of no more interest.
    if (quota.windowStart === this.quotas.beginOfHour()) this.changed.add(quota);
  }

  private answer(quota: KeyQuota, { admitted, refused }: Settled): void {
    const waiters = this.waiters.get(quota);
    if (waiters === undefined) return;
    for (const resolve of waiters.splice(0, admitted)) resolve('admitted');
    for (const resolve of waiters.splice(0, refused)) resolve('refused');
    if (waiters.length === 0) this.waiters.delete(quota);
  }

  private release(quota: KeyQuota): void {
    const waiters = this.waiters.get(quota) ?? [];
    this.waiters.delete(quota);
    quota.stopWaiting();
    for (const resolve of waiters) resolve('unlimited');
  }

  private fail(error: unknown): void {
    if (!this.failed && !this.isStopped) {
      const isExpected = typeof error === 'string' || isUnavailable(error);
      const facts = isExpected ? { reason: describeError(error) } : { err: error };
      this.logger[isExpected ? 'warn' : 'error'](
        facts,
        'request counts cannot be stored: reads are not limited, writes are refused',
      );
    }
    this.failed = true;
    for (const quota of this.waiters.keys()) this.release(quota);
  }

  private succeed(): void {
    if (this.failed) this.logger.info('request counts are stored again');
    this.failed = false;
  }
}

const idOf = ({ keyId, windowStart }: { keyId: string; windowStart: number }): string => `${windowStart} ${keyId}`;
