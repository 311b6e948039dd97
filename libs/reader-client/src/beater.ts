import type { Heartbeat } from '@signalbox/contracts/messages';
import type { BeatState } from './beat-state.js';
import { batchOf, type Due } from './batch.js';
import type { Identity } from './checked-options.js';

/** Publishes one message to the broker. */
export interface HeartbeatPublisher {
  readonly isUp: boolean;
  publish(routingKey: string, body: Buffer): Promise<void>;
}

export interface BeaterOptions {
  readonly publisher: HeartbeatPublisher;
  /** Null: the id of the reader that is added first. */
  readonly routingKey: string | null;
  /** Called with each heartbeat that the broker has confirmed. */
  readonly onConfirmed: (bootId: string, beat: Heartbeat) => void;
}

/** A reader's own rhythm and state. Times: monotonic ms. */
interface Beating extends Due {
  readonly bootId: string;
  identity: Identity;
  state: BeatState;
  seq: number;
  size: number;
  intervalMs: number;
  dueAt: number;
  /** When its configuration is to be sent again. */
  configDueAt: number;
}

/** A heartbeat without the configuration does not change what Signalbox keeps of it. A minute bounds how long one that was lost is missing. */
const CONFIG_EVERY_MS = 60_000;

const described = (identity: Identity) => ({
  identity,
  intervalMs: identity.heartbeat_wait_interval * 1_000,
  size: JSON.stringify(identity).length,
});

/**
 * Publishes a heartbeat of each reader every interval, and at once when something changed or the connection is restored. Readers that are due
 * at about the same time share a message. At most one message is unconfirmed, and a heartbeat is built when it is published: while the broker
 * is unavailable none are queued, and the first one after that has the current state.
 */
export class Beater {
  private readonly readers = new Map<string, Beating>();
  private routingKey: string | null;
  private isPublishing = false;
  private next: NodeJS.Timeout | undefined;

  constructor(private readonly options: BeaterOptions) {
    this.routingKey = options.routingKey;
  }

  /** Begins the heartbeats of an incarnation, as `loading`. */
  add(bootId: string, identity: Identity): void {
    this.routingKey ??= identity.reader_id;
    const state = 'loading';
    this.readers.set(bootId, { bootId, state, seq: 0, dueAt: 0, configDueAt: 0, ...described(identity) });
    this.flush();
  }

  /** Sets the state and identity of the following heartbeats, and publishes one. */
  update(bootId: string, state: BeatState, identity: Identity): void {
    const reader = this.readers.get(bootId);
    if (reader === undefined) return;
    Object.assign(reader, { state, dueAt: 0, configDueAt: 0, ...described(identity) });
    this.flush();
  }

  /** Ends the heartbeats of an incarnation. */
  remove(bootId: string): void {
    this.readers.delete(bootId);
  }

  /** Publishes a heartbeat of every reader: the connection is restored, and what was sent before may not have arrived. */
  beatAll(): void {
    for (const reader of this.readers.values()) reader.dueAt = reader.configDueAt = 0;
    this.flush();
  }

  stop(): void {
    clearTimeout(this.next);
  }

  /** Publishes what is due, now or as soon as the message before is confirmed. While the publisher is down its owner calls beatAll() later. */
  private flush(): void {
    if (this.isPublishing || !this.options.publisher.isUp) return;
    clearTimeout(this.next);
    const now = performance.now();
    const batch = batchOf([...this.readers.values()], now);
    if (batch.length > 0) {
      this.isPublishing = true;
      void this.send(batch, now);
    } else if (this.readers.size > 0) {
      const dueAt = [...this.readers.values()].reduce((first, reader) => Math.min(first, reader.dueAt), Infinity);
      this.next = setTimeout(() => this.flush(), dueAt - now);
    }
  }

  private async send(batch: readonly Beating[], now: number): Promise<void> {
    const beats = batch.map((reader) => this.build(reader, now));
    const body = JSON.stringify(beats.length === 1 ? beats[0] : beats);
    try {
      await this.options.publisher.publish(this.routingKey!, Buffer.from(body));
      for (const [index, beat] of beats.entries()) this.options.onConfirmed(batch[index]!.bootId, beat);
    } catch {
      // The publisher logs the reason, and its owner calls beatAll() when the connection is restored.
      for (const reader of batch) reader.dueAt = reader.configDueAt = 0;
    }
    this.isPublishing = false;
    this.flush();
  }

  private build(reader: Beating, now: number): Heartbeat {
    const { config, ...identity } = reader.identity;
    const hasConfig = config !== undefined && config !== null && reader.configDueAt <= now;
    reader.seq += 1;
    reader.dueAt = now + reader.intervalMs;
    if (hasConfig) reader.configDueAt = now + CONFIG_EVERY_MS;
    return {
      ...identity,
      state: reader.state,
      boot_id: reader.bootId,
      seq: reader.seq,
      sent_at: Date.now(),
      ...(hasConfig && { config }),
    };
  }
}
