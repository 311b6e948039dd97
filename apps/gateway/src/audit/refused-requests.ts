import { Inject, Injectable } from '@nestjs/common';
import { auditOf } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { askedBy } from '../http/asked-by.js';
import { callerName } from '../http/caller.js';
import { Refusals, type Refusal } from '../http/refusals.js';
import { MinuteEntries } from './minute-entries.js';

/** Different ones in a minute: of callers that are known, and of addresses without a valid credential, of which a stranger may have many. */
const MOST = { caller: 1_000, address: 100 };
/** Of one of them. */
const MOST_OF_ONE = { caller: 100, address: 10 };

/** Records what is refused: one entry for each caller or address, code, route and minute, whatever a client sends. */
@Injectable()
export class RefusedRequests {
  constructor(
    refusals: Refusals,
    private readonly entries: MinuteEntries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    refusals.add((refusal) => this.add(refusal));
  }

  private add({ error: { code }, caller, address, method, route, id }: Refusal): void {
    const kind = caller === null ? 'address' : 'caller';
    const resource = method === undefined ? route : `${method} ${route}`;
    this.entries.add({
      kind,
      most: MOST[kind],
      share: { of: callerName({ caller, ip: address }), most: MOST_OF_ONE[kind] },
      key: `${caller?.id ?? address} ${code} ${resource}`,
      entry: () =>
        auditOf(askedBy({ caller, ip: address, id: id() }), {
          at: this.clock.now(),
          action: 'refused-requests',
          resource,
          result: 'refused',
          route,
          detail: { code },
        }),
    });
  }
}
