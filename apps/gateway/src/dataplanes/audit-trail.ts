import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { AUDIT_COMMAND, exchanges, type AuditCommand } from '@signalbox/contracts/messages';
import { Amqp } from '@signalbox/messaging';
import { CLOCK, LOGGER, type Clock, type Logger } from '@signalbox/platform';

const AGAIN_MS = 1_000;
const MOST_WAITING = 10_000;

/**
 * Publishes failed control actions to the audit log, and keeps them while the broker is unavailable, which is mostly why
 * they failed. Actions that were sent are recorded by dataplane-control.
 */
@Injectable()
export class AuditTrail implements BeforeApplicationShutdown {
  private waiting: AuditCommand[] = [];
  private isSending = false;
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
    this.cancel?.();
    await this.flush();
    for (const action of this.waiting) this.logger.error({ action }, 'a control action did not reach the audit log');
  }

  private async flush(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let action = this.waiting[0]; action; action = this.waiting[0]) {
        await this.amqp.publisher.publish({
          exchange: exchanges.commands.name,
          routingKey: AUDIT_COMMAND,
          type: AUDIT_COMMAND,
          body: action,
          persistent: true,
          mandatory: true,
        });
        this.waiting.shift();
      }
    } catch {
      this.cancel = this.clock.schedule(AGAIN_MS, () => void this.flush(), { background: true });
    } finally {
      this.isSending = false;
    }
  }
}
