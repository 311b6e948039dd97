import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, CONFIG, describeError, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { Config } from '../config.js';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import { BrokerManagement } from './broker-management.js';
import { FewAtOnce } from './few-at-once.js';
import { surplusOf } from './surplus.rules.js';

/** The broker keeps an answer for a second: those that log in meanwhile are counted, too. So a key is counted less than once a second. */
const COUNT_AFTER_MS = 1_200;

interface Counted {
  /** Those that stay. */
  known: ReadonlySet<string>;
  isFull: boolean;
  isPlanned: boolean;
}

/**
 * Bounds the connections of one key. They are counted after a login, where the broker knows them all, whichever gateway it asked; those beyond
 * the limit are closed, and no other one is admitted until one of them is gone.
 */
@Injectable()
export class ConnectionLimit {
  /** Keys with connections. */
  private readonly counted = new Map<string, Counted>();
  private readonly most: number;
  /** After an outage many keys log in at once. */
  private readonly few = new FewAtOnce();
  private hasFailed = false;

  constructor(
    private readonly management: BrokerManagement,
    private readonly metrics: BrokerKeyMetrics,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.most = config.SIGNALBOX_BROKER_CONNECTIONS_PER_KEY;
  }

  /** Whether the key may open one more connection. */
  admit(keyId: string): boolean {
    if (!this.management.isKnown) return true;
    const counted = this.counted.get(keyId) ?? { known: new Set(), isFull: false, isPlanned: false };
    this.counted.set(keyId, counted);
    this.plan(keyId, counted);
    return !counted.isFull;
  }

  private plan(keyId: string, counted: Counted): void {
    if (counted.isPlanned) return;
    counted.isPlanned = true;
    this.clock.schedule(COUNT_AFTER_MS, () => void this.count(keyId, counted), { background: true });
  }

  private async count(keyId: string, counted: Counted): Promise<void> {
    const isAbove = await this.few
      .run(() => this.closeSurplus(keyId, counted))
      .catch((error: unknown) => {
        this.failed(keyId, error);
        // A bound of resources: clients are not shut out for want of a count.
        counted.isFull = false;
        return false;
      });
    counted.isPlanned = false;
    if (isAbove) this.plan(keyId, counted);
    else if (counted.known.size === 0) this.counted.delete(keyId);
  }

  /** Whether there were any. */
  private async closeSurplus(keyId: string, counted: Counted): Promise<boolean> {
    const login = await this.management.logIn(keyId);
    const { names, total } = await login.connections();
    this.hasFailed = false;
    const surplus = surplusOf(names, { known: counted.known, most: this.most });
    counted.known = new Set(names.filter((name) => !surplus.includes(name)));
    counted.isFull = total >= this.most;
    if (surplus.length === 0) return false;
    this.logger.warn(
      { key_id: keyId, connections: total, most: this.most },
      'key has too many connections at the broker; the surplus is closed',
    );
    await login.close(surplus, `a key may have ${this.most} connections`);
    this.metrics.closed('surplus', surplus.length);
    return true;
  }

  private failed(keyId: string, error: unknown): void {
    if (!this.hasFailed)
      this.logger.warn(
        { key_id: keyId, reason: describeError(error) },
        'connections of keys were not counted; it is tried again at the next login of each key',
      );
    this.hasFailed = true;
  }
}
