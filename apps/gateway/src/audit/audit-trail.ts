import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { AUDIT_COMMAND, exchanges, type AuditCommand } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, LOGGER, settlesWithin, type Clock, type Logger } from '@signalbox/platform';

const AGAIN_MS = 1_000;
const MOST_WAITING = 10_000;
/** How long a stop waits for the broker. */
const LAST_FLUSH_MS = 2_000;

/**
 * Publishes what changed no table of this service: control actions that failed, tests of connections. They are kept while the broker is
 * unavailable, which is mostly why they failed. Changes are committed with their entry: see `recordAudit`.
 */
@Injectable()
export class AuditTrail implements BeforeApplicationShutdown {
  private waiting: AuditCommand[] = [];
  private isSending = false;
  private isStopping = false;
  private flushing: Promise<void> | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly amqp: Amqp,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  add(action: AuditCommand): void {
    if (this.waiting.length >= MOST_WAITING)
      this.logger.error(
        { action },
        'more control actions than can be kept here wait for the audit log; this one is only in this log',
      );
    else this.waiting.push(action);
    void this.flush();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    this.cancel?.();
    await settlesWithin({ clock: this.clock, ms: LAST_FLUSH_MS }, this.flush());
    for (const action of this.waiting) this.logger.error({ action }, 'a control action did not reach the audit log');
  }

  /** Resolves when nothing waits any more, or the broker did not confirm an action. */
  private flush(): Promise<void> | undefined {
    if (!this.isSending) this.flushing = this.send();
    return this.flushing;
  }

  private async send(): Promise<void> {
    this.isSending = true;
    try {
      for (let action = this.waiting[0]; action; action = this.waiting[0]) {
        await this.amqp.publisher.publish({
          exchange: exchanges.audit.name,
          routingKey: AUDIT_COMMAND,
          type: AUDIT_COMMAND,
          body: action,
          persistent: true,
          mandatory: true,
        });
        this.waiting.shift();
      }
    } catch {
      this.cancel?.();
      if (!this.isStopping) this.cancel = this.clock.schedule(AGAIN_MS, () => void this.flush(), { background: true });
    } finally {
      this.isSending = false;
    }
  }
}
