import { Inject, Injectable } from '@nestjs/common';
import { readersStream } from '@signalbox/contracts/streams';
import { HEALTH, type CheckResult, type Health } from '@signalbox/platform';
import { FollowedStreams } from '@signalbox/state-streams';
import { Readers } from '@signalbox/status-facts';

/** This process is ready once it has had a snapshot of every partition: also of those that it learns of from the first one. */
@Injectable()
export class ReadersReadiness {
  constructor(
    streams: FollowedStreams,
    private readonly readers: Readers,
    @Inject(HEALTH) health: Health,
  ) {
    streams.follow(readersStream(0));
    health.add('readers', () => this.check());
  }

  private check(): CheckResult {
    const { hasSnapshot, partitions, partitionsWithSnapshot } = this.readers;
    const detail = `snapshots of ${partitionsWithSnapshot} of ${partitions} partitions`;
    return { status: hasSnapshot ? 'up' : 'down', detail };
  }
}
