import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { AuditCommand } from '@signalbox/contracts/messages';
import { CLOCK, every, LOGGER, type Clock, type Logger } from '@signalbox/platform';
import type { FastifyRequest } from 'fastify';
import { askedBy } from '../http/asked-by.js';
import type { ErrorCode } from '../http/errors/api-error.js';
import { RefusedCallers } from '../http/refused-callers.js';
import { pathOf } from '../http/request-path.js';
import { AuditTrail } from './audit-trail.js';

const PERIOD_MS = 60_000;
/** More different ones in a period are only counted. */
const MOST_IN_PERIOD = 1_000;

interface Refusals {
  /** Of the first one. */
  readonly entry: AuditCommand;
  count: number;
}

/** Records what callers were refused: one entry for each caller, route and minute, whatever a client sends. */
@Injectable()
export class RefusedRequests implements OnApplicationBootstrap, OnModuleDestroy {
  private refused = new Map<string, Refusals>();
  private beyond = 0;
  private cancel: (() => void) | undefined;

  constructor(
    refusals: RefusedCallers,
    private readonly trail: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    refusals.add((request, code) => this.add(request, code));
  }

  onApplicationBootstrap(): void {
    this.cancel = every({ clock: this.clock, ms: PERIOD_MS, background: true }, async () => this.flush());
  }

  /** Before the trail sends what it has left. */
  onModuleDestroy(): void {
    this.cancel?.();
    this.flush();
  }

  private add(request: FastifyRequest, code: ErrorCode): void {
    const resource = `${request.method} ${request.is404 ? '(none)' : pathOf(request)}`;
    const key = `${request.caller?.id ?? ''} ${code} ${resource}`;
    const known = this.refused.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.refused.size >= MOST_IN_PERIOD) this.beyond += 1;
    else {
      const at = this.clock.now();
      const detail = { code };
      const entry = { ...askedBy(request), at, action: 'refused-requests', resource, result: 'refused', detail };
      this.refused.set(key, { entry, count: 1 });
    }
  }

  private flush(): void {
    const refused = [...this.refused.values()];
    this.refused = new Map();
    for (const { entry, count } of refused) this.trail.add({ ...entry, detail: { ...entry.detail, count } });
    if (this.beyond > 0)
      this.logger.warn({ requests: this.beyond }, 'too many different refusals in a minute: these are not recorded');
    this.beyond = 0;
  }
}
