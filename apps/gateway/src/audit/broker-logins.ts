import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { askedBy, auditOf } from '@signalbox/contracts/messages';
import { CLOCK, type Clock } from '@signalbox/platform';
import { MinuteEntries } from './minute-entries.js';

/** Different ones in a minute: of keys that are known, and of others. */
const MOST = { login: 1_000, 'refused-login': 100 };
/** A client may send any user. */
const MOST_OF_USER = 100;

/** A login at the broker with an API key. */
export interface BrokerLogin {
  /** As it was sent. */
  readonly user: string;
  /** The key that it is, where it is one. */
  readonly key?: { readonly id: string; readonly name: string; readonly account: string } | undefined;
  /** Of the client, where the broker says it. */
  readonly address?: string | undefined;
  /** Why it was refused, as a word; undefined: it was accepted. */
  readonly refused?: string | undefined;
}

/** Records logins at the broker: one entry for each user, address, outcome and minute. */
@Injectable()
export class BrokerLogins {
  constructor(
    private readonly entries: MinuteEntries,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  record({ user, key, address = '', refused }: BrokerLogin): void {
    const resource = key?.id ?? user.slice(0, MOST_OF_USER);
    const kind = key === undefined ? 'refused-login' : 'login';
    this.entries.add({
      kind,
      most: MOST[kind],
      key: `${resource} ${address} ${refused ?? ''}`,
      entry: () => {
        const by = askedBy.parse({
          key_id: key?.id ?? null,
          ...(key !== undefined && { name: key.name, via: 'key', account: key.account }),
          request_id: `login_${randomBytes(12).toString('hex')}`,
          address,
        });
        const [result, detail] = refused === undefined ? ['accepted', {}] : ['refused', { code: refused }];
        return auditOf(by, { at: this.clock.now(), action: 'broker-login', resource, result, detail });
      },
    });
  }
}
