import type { Heartbeat } from '@signalbox/contracts/messages';
import type { BeatState } from './beat-state.js';
import type { Identity } from './checked-options.js';

/** Publishes one message to the broker. */
export interface HeartbeatPublisher {
  readonly isUp: boolean;
  publish(routingKey: string, body: Buffer): Promise<void>;
}

export interface BeaterOptions {
  readonly publisher: HeartbeatPublisher;
  readonly bootId: string;
  readonly identity: Identity;
  /** Called with each beat that the broker has confirmed. */
  readonly onConfirmed: (beat: Heartbeat) => void;
}

/**
 * Publishes a heartbeat every interval, and at once when something changed or the connection is restored. At most one heartbeat
 * is unconfirmed, and a heartbeat is built when it is published: while the broker is unavailable none are queued, and the first
 * one after that has the current state.
 */
export class Beater {
  private identity: Identity;
  private state: BeatState = 'loading';
  private seq = 0;
  private isDue = true;
  private isPublishing = false;
  private next: NodeJS.Timeout | undefined;

  constructor(private readonly options: BeaterOptions) {
    this.identity = options.identity;
  }

  /** Sets the state and identity of the following heartbeats, and publishes one. */
  update(state: BeatState, identity: Identity): void {
    this.state = state;
    this.identity = identity;
    this.beat();
  }

  /** Publishes a heartbeat now, or as soon as the one before is confirmed and the publisher is connected. */
  beat(): void {
    this.isDue = true;
    if (this.isPublishing || !this.options.publisher.isUp) return;
    this.isDue = false;
    this.isPublishing = true;
    void this.send();
  }

  /** Ends the heartbeats of the interval. */
  stop(): void {
    clearTimeout(this.next);
  }

  private async send(): Promise<void> {
    const beat = this.build();
    clearTimeout(this.next);
    this.next = setTimeout(() => this.beat(), beat.heartbeat_wait_interval * 1_000);
    try {
      await this.options.publisher.publish(beat.reader_id, Buffer.from(JSON.stringify(beat)));
      this.options.onConfirmed(beat);
    } catch {
      // The publisher logs the reason, and its owner calls beat() when the connection is restored.
      this.isDue = true;
    }
    this.isPublishing = false;
    if (this.isDue) this.beat();
  }

  private build(): Heartbeat {
    this.seq += 1;
    return {
      ...this.identity,
      state: this.state,
      boot_id: this.options.bootId,
      seq: this.seq,
      sent_at: Date.now(),
    };
  }
}
