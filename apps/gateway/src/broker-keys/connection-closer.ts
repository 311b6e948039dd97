import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Backoff, CLOCK, describeError, LOGGER, wait, type Clock, type Logger } from '@signalbox/platform';
import { BrokerKeyMetrics } from './broker-keys.metrics.js';
import { BrokerManagement } from './broker-management.js';
import { FewAtOnce } from './few-at-once.js';

/** For the broker to end what it is to close. */
const LOOK_AGAIN_MS = 200;
/**
 * Waits before each look for connections. RabbitMQ keeps an answer for a second, and another gateway may receive the end of a key a moment
 * later: what has logged in meanwhile is found by the later looks.
 */
const LOOKS_AFTER_MS = [0, 1_500, 2_500];
const BACKOFF = { minMs: 500, maxMs: 30_000 };

const REASON = 'the API key was revoked or has expired';

/** Closes the connections of keys that have ended. It does not matter that every gateway does so. */
@Injectable()
export class ConnectionCloser implements OnModuleDestroy {
  private readonly few = new FewAtOnce();
  private readonly stopping = new AbortController();
  private hasFailed = false;

  constructor(
    private readonly management: BrokerManagement,
    private readonly metrics: BrokerKeyMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Closes them now, and those that are opened within the next seconds. Tries until the broker answers. Never rejects. */
  async end(keyId: string): Promise<void> {
    for (const ms of LOOKS_AFTER_MS) {
      await this.wait(ms);
      await this.closeAll(keyId);
    }
  }

  /** Closes those that are open. Tries until the broker answers, or this process stops. Never rejects. */
  async closeAll(keyId: string): Promise<void> {
    const backoff = new Backoff(BACKOFF);
    while (!this.stopping.signal.aborted) {
      try {
        await this.few.run(() => this.closeOpen(keyId));
        this.succeeded();
        return;
      } catch (error) {
        this.failed(keyId, error);
        await this.wait(backoff.nextMs());
      }
    }
  }

  private async closeOpen(keyId: string): Promise<void> {
    const closed = new Set<string>();
    const login = await this.management.logIn(keyId);
    for (;;) {
      const { names } = await login.connections();
      if (names.length === 0 || this.stopping.signal.aborted) break;
      await login.close(names, REASON);
      for (const name of names) closed.add(name);
      await this.wait(LOOK_AGAIN_MS);
    }
    if (closed.size === 0) return;
    this.metrics.closed('ended', closed.size);
    this.logger.info({ key_id: keyId, connections: closed.size }, 'connections of a key that has ended were closed');
  }

  private failed(keyId: string, error: unknown): void {
    if (!this.hasFailed)
      this.logger.warn(
        { key_id: keyId, reason: describeError(error) },
        'connections of keys that have ended cannot be closed; it is tried again until the broker answers',
      );
    this.hasFailed = true;
  }

  private succeeded(): void {
    if (this.hasFailed) this.logger.info('connections of keys that have ended can be closed again');
    this.hasFailed = false;
  }

  private wait(ms: number): Promise<void> {
    return wait({ clock: this.clock, ms, signal: this.stopping.signal });
  }
}
