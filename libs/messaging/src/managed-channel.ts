import type { Channel, ChannelModel } from 'amqplib';
import { Backoff, describeError, type BackoffBounds, type Logger } from '@signalbox/platform';

import type { BrokerConnection } from './broker-connection.js';

export interface ManagedChannelOptions<C extends Channel> {
  /** What it is for, in log lines. */
  readonly name: string;
  readonly connection: BrokerConnection;
  readonly create: (model: ChannelModel) => Promise<C>;
  /** Declares and consumes; its failure closes the channel, and a new one is tried after a while. */
  readonly setup: (channel: C) => Promise<void>;
  /** After the end of a channel, whether or not its setup was through. */
  readonly onLost: () => void;
  /** What is waited for, in log lines, where a channel ended only because it cannot have it yet. Such an end is no warning. */
  readonly awaited?: (reason: unknown) => string | undefined;
  readonly reopen: BackoffBounds;
  readonly logger: Logger;
}

/** A channel that comes back: with its connection, and on the same connection when the broker closed only the channel. */
export class ManagedChannel<C extends Channel> {
  /** The open channel, undefined while there is none. */
  current: C | undefined;
  private readonly backoff: Backoff;
  private readonly detach: () => void;
  private model: ChannelModel | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closing = false;
  /** What was logged last about a channel that is not open. */
  private complaint: string | undefined;

  constructor(private readonly options: ManagedChannelOptions<C>) {
    this.backoff = new Backoff(options.reopen);
    this.detach = options.connection.attach((model) => this.onModel(model));
  }

  /** Closes a channel that is of no further use, such as one whose consumer the broker cancelled. */
  async discard(channel: C, reason: string): Promise<void> {
    this.complain(new Error(reason));
    await channel.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.detach();
    clearTimeout(this.timer);
    await this.current?.close().catch(() => undefined);
  }

  private async onModel(model: ChannelModel | undefined): Promise<void> {
    clearTimeout(this.timer);
    this.model = model;
    this.backoff.reset();
    this.complaint = undefined;
    if (model) await this.open(model);
  }

  private async open(model: ChannelModel): Promise<void> {
    let reason: unknown;
    try {
      const channel = await this.options.create(model);
      let openedAt = Infinity;
      let closed = false;
      channel.on('error', (error) => (reason = error));
      channel.once('close', () => {
        closed = true;
        if (performance.now() - openedAt > this.options.reopen.maxMs) this.backoff.reset();
        this.lost(model, reason ?? new Error('channel closed'));
      });
      try {
        await this.options.setup(channel);
      } catch (error) {
        reason ??= error;
        if (!closed) await channel.close();
        return;
      }
      if (closed) return;
      if (this.closing) return await channel.close();
      openedAt = performance.now();
      this.current = channel;
      if (this.complaint) this.options.logger.info({ channel: this.options.name }, 'channel open again');
      this.complaint = undefined;
    } catch (error) {
      // The channel could not even be made, or its connection went while it was closed: a lost connection starts us again itself.
      if (!this.current) this.retry(model, error);
    }
  }

  private lost(model: ChannelModel, reason: unknown): void {
    this.current = undefined;
    this.options.onLost();
    this.retry(model, reason);
  }

  private retry(model: ChannelModel, reason: unknown): void {
    if (this.closing || this.model !== model) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // Only now is it certain that the connection outlived the channel: the channels of a lost connection close before it does.
      this.complain(reason);
      void this.open(model);
    }, this.backoff.nextMs());
  }

  private complain(reason: unknown): void {
    const { name, logger } = this.options;
    const awaited = this.options.awaited?.(reason);
    const text = awaited === undefined ? 'channel lost, opening it again' : `${awaited}, waiting for it`;
    const level = this.complaint === text ? 'debug' : awaited === undefined ? 'warn' : 'info';
    this.complaint = text;
    logger[level]({ channel: name, reason: describeError(reason) }, text);
  }
}
