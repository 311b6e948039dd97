import type { StreamDelta } from '@signalbox/contracts/streams';
import type { StreamRelayOptions } from '@signalbox/persistence';
import type { Logger } from '@signalbox/platform';
import { StreamOwner } from '../core/stream-owner.js';
import type { StreamAnnouncer } from './stream-announcer.js';

type Owned = Parameters<StreamRelayOptions['onOwned']>[0];

export interface RelayedStreamOptions {
  readonly stream: string;
  readonly announcer: StreamAnnouncer;
  readonly logger: Logger;
}

/** The owner of a stream whose deltas come from an outbox, one at a time, and again until each is confirmed. */
export class RelayedStream {
  private owner: StreamOwner<NonNullable<unknown>> | undefined;

  constructor(private readonly options: RelayedStreamOptions) {}

  own({ epoch, seq, entries }: Owned): void {
    const { stream, announcer, logger } = this.options;
    this.owner = new StreamOwner({ stream, epoch, seq, entries });
    logger.info({ stream, epoch, seq, entries: this.owner.size }, 'stream owned');
    announcer.own(this.owner);
  }

  /** Resolves when the broker has confirmed the delta. @throws PublishError; then the same delta is published again */
  async publish(committed: Omit<StreamDelta, 'stream'>): Promise<void> {
    const { stream, announcer } = this.options;
    const { owner } = this;
    const delta = { stream, ...committed };
    // Before the confirm, which may be slow: replicas have the delta as soon as it is sent, and the next beacon must count it.
    if (owner !== undefined && owner.seq < delta.seq) owner.apply(delta);
    try {
      await announcer.announce(delta);
    } catch (error) {
      if (this.owner === owner) announcer.holdBeacons();
      throw error;
    }
  }

  lose(): void {
    const { stream, announcer, logger } = this.options;
    this.owner = undefined;
    logger.warn({ stream }, 'stream lost; another process may own it now');
    announcer.disown();
  }
}
