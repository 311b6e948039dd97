import type { Heartbeat } from '@signalbox/contracts/messages';
import type { Identity } from './reader-options.js';

export type BeatState = Heartbeat['state'];

/** What a beater needs of the way to the broker. */
export interface Line {
  readonly isUp: boolean;
  publish(routingKey: string, body: Buffer): Promise<void>;
}

export interface BeaterOptions {
  readonly line: Line;
  readonly bootId: string;
  readonly identity: Identity;
  /** Called with each beat that the broker has confirmed. */
  readonly onConfirmed: (beat: Heartbeat) => void;
}

/**
 * Beats at once when something changed or the line came back, and every interval. At most one beat is on its way, and a
 * beat is written when it is sent: while the broker is away nothing piles up, and what comes after is fresh.
 */
export class Beater {
  private identity: Identity;
  private state: BeatState = 'loading';
  private seq = 0;
  private isDue = true;
  private isOnItsWay = false;
  private next: NodeJS.Timeout | undefined;

  constructor(private readonly options: BeaterOptions) {
    this.identity = options.identity;
  }

  say(state: BeatState, identity: Identity): void {
    this.state = state;
    this.identity = identity;
    this.beat();
  }

  /** Sends a beat now, or as soon as the one before is confirmed and the line is up. */
  beat(): void {
    this.isDue = true;
    if (this.isOnItsWay || !this.options.line.isUp) return;
    this.isDue = false;
    this.isOnItsWay = true;
    void this.send();
  }

  /** No beat by itself any more. */
  rest(): void {
    clearTimeout(this.next);
  }

  private async send(): Promise<void> {
    const beat = this.write();
    clearTimeout(this.next);
    this.next = setTimeout(() => this.beat(), beat.heartbeat_wait_interval * 1_000);
    try {
      await this.options.line.publish(beat.reader_id, Buffer.from(JSON.stringify(beat)));
      this.options.onConfirmed(beat);
    } catch {
      // The line is down, has said why, and calls for a new beat when it is back.
      this.isDue = true;
    }
    this.isOnItsWay = false;
    if (this.isDue) this.beat();
  }

  private write(): Heartbeat {
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
