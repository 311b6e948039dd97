import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { askedBy, type AuditCommand } from '@signalbox/contracts/messages';
import { CLOCK, every, type Clock } from '@signalbox/platform';
import { AuditTrail } from './audit-trail.js';

const PERIOD_MS = 60_000;

export interface Occurrence {
  /** What is counted together. */
  readonly key: string;
  /** Of which kind it is: each has room of its own, so that one cannot displace another. */
  readonly kind: string;
  /** Most different ones of the kind in a minute. The others are counted together. */
  readonly most: number;
  /** Called for the first one of a minute. */
  readonly entry: () => AuditCommand;
}

interface Counted {
  readonly entry: AuditCommand;
  count: number;
}

/**
 * Records what a client may cause as often as it likes: one entry a minute for all that is equal, with how often (`detail.count`). Its
 * time and its request are those of the first one.
 */
@Injectable()
export class MinuteEntries implements OnApplicationBootstrap, OnModuleDestroy {
  private counted = new Map<string, Map<string, Counted>>();
  private cancel: (() => void) | undefined;

  constructor(
    private readonly trail: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.cancel = every({ clock: this.clock, ms: PERIOD_MS, background: true }, async () => this.flush());
  }

  /** Before the trail stores what it has left. */
  onModuleDestroy(): void {
    this.cancel?.();
    this.flush();
  }

  add({ key, kind, most, entry }: Occurrence): void {
    const known = this.of(kind);
    const same = known.get(key);
    if (same !== undefined) same.count += 1;
    else if (known.size < most) known.set(key, { entry: entry(), count: 1 });
    else this.addToRest(entry());
  }

  private addToRest(entry: AuditCommand): void {
    const { action, result, detail } = entry;
    const rest = this.of('rest');
    const key = JSON.stringify([action, result, detail['code']]);
    const same = rest.get(key);
    if (same === undefined) rest.set(key, { entry: withoutCaller(entry), count: 1 });
    else same.count += 1;
  }

  private of(kind: string): Map<string, Counted> {
    const known = this.counted.get(kind) ?? new Map<string, Counted>();
    this.counted.set(kind, known);
    return known;
  }

  private flush(): void {
    const kinds = [...this.counted.values()];
    this.counted = new Map();
    for (const { entry, count } of kinds.flatMap((entries) => [...entries.values()]))
      this.trail.add({ ...entry, detail: { ...entry.detail, count } });
  }
}

/** For those of many callers. */
const withoutCaller = ({ at, action, result, request_id, detail }: AuditCommand): AuditCommand => ({
  ...askedBy.parse({ key_id: null, request_id, address: '' }),
  at,
  action,
  resource: '(more)',
  result,
  route: null,
  detail,
});
