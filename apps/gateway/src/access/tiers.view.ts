import { Injectable } from '@nestjs/common';
import { STANDARD_TIER } from '@signalbox/contracts/http';
import { gatewayStream, type TierEntry } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';
import type { Caller } from '../http/caller.js';

/** Where the stream has no tier for a caller: its owner is a gateway of a release without tiers. */
const UNTIL_KNOWN: TierEntry = { name: STANDARD_TIER, requests_per_hour: 1_000, burst_per_second: 100 };

/** The tiers of the accounts, in memory. */
@Injectable()
export class TiersView {
  private readonly stream: FollowedStream<typeof gatewayStream>;
  /** The tiers of accounts that were asked for, since the last change of any. */
  private readonly byAccount = new Map<string, TierEntry>();
  private revision = 0;

  constructor(streams: FollowedStreams) {
    this.stream = streams.follow(gatewayStream);
  }

  /** The tier of the account that the caller belongs to. */
  of({ account: id }: Pick<Caller, 'account'>): TierEntry {
    const { account, tier } = this.stream.collections;
    const revision = account.revision + tier.revision;
    if (revision !== this.revision) this.byAccount.clear();
    this.revision = revision;
    const known = this.byAccount.get(id);
    if (known !== undefined) return known;
    const found = tier.get(account.get(id)?.tier ?? STANDARD_TIER) ?? UNTIL_KNOWN;
    this.byAccount.set(id, found);
    return found;
  }
}
