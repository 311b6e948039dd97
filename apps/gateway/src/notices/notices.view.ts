import { Injectable } from '@nestjs/common';
import { gatewayStream, type NoticeEntry } from '@signalbox/contracts/streams';
import { FollowedStreams, type FollowedStream } from '@signalbox/state-streams';

/** The notices that are not over, in memory. */
@Injectable()
export class NoticesView {
  private readonly stream: FollowedStream<typeof gatewayStream>;

  constructor(streams: FollowedStreams) {
    this.stream = streams.follow(gatewayStream);
  }

  /** Those whose time has begun and is not over, the one that ends last first. @param now Unix ms */
  active(now: number): NoticeEntry[] {
    return [...this.stream.collections.notice.values()]
      .filter((notice) => notice.starts_at <= now && now < notice.ends_at)
      .toSorted((a, b) => b.ends_at - a.ends_at);
  }
}
