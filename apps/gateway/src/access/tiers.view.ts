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

  constructor(streams: FollowedStreams) {
    this.stream = streams.follow(gatewayStream);
  }

  /** The tier of the account that the caller belongs to. */
  of({ account: id }: Pick<Caller, 'account'>): TierEntry {
    const { account, tier } = this.stream.collections;
    return tier.get(account.get(id)?.tier ?? STANDARD_TIER) ?? UNTIL_KNOWN;
  }
}
