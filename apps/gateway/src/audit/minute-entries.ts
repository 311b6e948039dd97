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
  /** Of these, of one caller: what it has beyond is counted together, so that it cannot displace those of others. */
  readonly share?: { readonly of: string; readonly most: number };
  /** Called for the first one of a minute. */
  readonly entry: () => AuditCommand;
}

interface Counted {
  readonly entry: AuditCommand;
  count: number;
}

/** Those of a kind in this minute. */
interface Kind {
  readonly entries: Map<string, Counted>;
  /** How many different ones each caller has. */
  readonly shares: Map<string, number>;
}

/**
 * Records what a client may cause as often as it likes: one entry a minute for all that is equal, with how often (`detail.count`). Its
 * time and its request are those of the first one.
 */
@Injectable()
export class MinuteEntries implements OnApplicationBootstrap, OnModuleDestroy {
  private counted = new Map<string, Kind>();
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

  add({ key, kind, most, share, entry }: Occurrence): void {
    const { entries, shares } = this.of(kind);
    const same = entries.get(key);
    const held = share === undefined ? 0 : (shares.get(share.of) ?? 0);
    if (same !== undefined) same.count += 1;
    else if (entries.size >= most) this.addToRest('rest', withoutCaller(entry()));
    else if (share !== undefined && held >= share.most) this.addToRest(kind, more(entry()), share.of);
    else {
      entries.set(key, { entry: entry(), count: 1 });
      if (share !== undefined) shares.set(share.of, held + 1);
    }
  }

  private addToRest(kind: string, entry: AuditCommand, of?: string): void {
    const { entries } = this.of(kind);
    const { action, result, detail } = entry;
    const key = JSON.stringify([of, action, result, detail['code']]);
    const same = entries.get(key);
    if (same === undefined) entries.set(key, { entry, count: 1 });
    else same.count += 1;
  }

  private of(kind: string): Kind {
    const known = this.counted.get(kind) ?? { entries: new Map<string, Counted>(), shares: new Map<string, number>() };
    this.counted.set(kind, known);
    return known;
  }

  private flush(): void {
    const kinds = [...this.counted.values()];
    this.counted = new Map();
    for (const { entry, count } of kinds.flatMap(({ entries }) => [...entries.values()]))
      this.trail.add({ ...entry, detail: { ...entry.detail, count } });
  }
}

/** For those of one caller. */
const more = (entry: AuditCommand): AuditCommand => ({ ...entry, resource: '(more)', route: null });

/** For those of many callers. */
const withoutCaller = ({ at, action, result, request_id, detail }: AuditCommand): AuditCommand =>
  more({
    ...askedBy.parse({ key_id: null, request_id, address: '' }),
    at,
    action,
    resource: '',
    result,
    route: null,
    detail,
  });
